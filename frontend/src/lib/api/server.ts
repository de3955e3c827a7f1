import { headers } from "next/headers";
import { getLocale } from "next-intl/server";

import { prepareRequests } from "./client";

/**
 * Requests of the server that delivers pages: with the cookies and in the language of whoever asked for the page. Only
 * for modules of the server.
 */
export function askForVisitors(): void {
  prepareRequests(async (request) => {
    const [head, locale] = await Promise.all([headers(), getLocale()]);
    request.headers.set("accept-language", locale);
    request.headers.set("cookie", head.get("cookie") ?? "");
    return request;
  });
}

/** Whether a whole page is asked for, and not the parts that a page fetches of the next one. */
export async function isWholePage(): Promise<boolean> {
  return (await headers()).get("accept")?.includes("text/html") ?? false;
}
