import { cookies, headers } from "next/headers";
import { getRequestConfig } from "next-intl/server";

import { en } from "../../../messages/en";
import { ja } from "../../../messages/ja";
import { chooseLocale, LOCALE_COOKIE } from "./locale";

const MESSAGES = { ja, en };

/** What next-intl asks once a request. */
export default getRequestConfig(async () => {
  const [jar, head] = await Promise.all([cookies(), headers()]);
  const locale = chooseLocale(jar.get(LOCALE_COOKIE)?.value, head.get("accept-language"));
  return { locale, messages: MESSAGES[locale], now: new Date(), timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone };
});
