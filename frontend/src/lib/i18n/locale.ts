export const LOCALES = ["ja", "en"] as const;
export type Locale = (typeof LOCALES)[number];
export const DEFAULT_LOCALE: Locale = "ja";
export const LOCALE_COOKIE = "llmlora_locale";

const YEAR_S = 365 * 24 * 3600;

export function isLocale(value: string | undefined): value is Locale {
  return LOCALES.some((one) => one === value);
}

/** The language of a page: what was chosen, else the browser's first wish among ours, else Japanese. */
export function chooseLocale(cookie: string | undefined, acceptLanguage: string | null): Locale {
  if (isLocale(cookie)) return cookie;
  return wishesOf(acceptLanguage).find(isLocale) ?? DEFAULT_LOCALE;
}

/** As `document.cookie` wants it. */
export function localeCookie(locale: Locale): string {
  return `${LOCALE_COOKIE}=${locale}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax`;
}

function wishesOf(header: string | null): string[] {
  return (header ?? "")
    .split(",")
    .map((entry) => {
      const [tag = "", ...parameters] = entry.trim().split(";");
      const quality = parameters.find((one) => one.trim().startsWith("q="));
      return { language: tag.trim().toLowerCase().split("-")[0] ?? "", q: quality ? Number(quality.trim().slice(2)) : 1 };
    })
    .filter((wish) => wish.q > 0)
    .sort((a, b) => b.q - a.q)
    .map((wish) => wish.language);
}
