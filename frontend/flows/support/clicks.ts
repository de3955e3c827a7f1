import type { BrowserContext, Page } from "playwright-core";

const KEY = "flow.clicks";

/** Count every press of a pointer on the pages of this context; a reload keeps the count. */
export async function countClicks(context: BrowserContext): Promise<void> {
  await context.addInitScript((key) => {
    const count = (event: PointerEvent) => {
      if (event.isTrusted) sessionStorage.setItem(key, String(Number(sessionStorage.getItem(key) ?? 0) + 1));
    };
    window.addEventListener("pointerdown", count, { capture: true });
  }, KEY);
}

export function clicksOn(page: Page): Promise<number> {
  return page.evaluate((key) => Number(sessionStorage.getItem(key) ?? 0), KEY);
}
