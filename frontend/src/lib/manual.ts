/** Where the API leads from an error's code to its page of the manual. */
export function pageOfCode(code: string, locale: string): string {
  return `/api/errors/${encodeURIComponent(code)}?language=${locale}`;
}

/** What an address of the manual begins with: a problem's `type` of another kind names no page. */
const MANUAL = "/manual/";

/** The page of the manual that a problem's `type` names; null where it names none. */
export function manualPage(type: unknown): string | null {
  return typeof type === "string" && type.startsWith(MANUAL) ? type : null;
}

/** Whether it is the page of a fault, and not a line in the list of all codes. */
export function isFaultPage(page: string): boolean {
  return page.includes("/troubleshooting/");
}
