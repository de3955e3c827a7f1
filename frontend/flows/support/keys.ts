import type { Locator, Page } from "playwright-core";

import { IS_FIREFOX } from "./browser";

const MOST_STOPS = 80;

/** Press Tab until the focus is on the target; at every stop the focus has to be seen. Returns the stops on the way. */
export async function tabTo(page: Page, target: Locator): Promise<number> {
  for (let stops = 1; stops <= MOST_STOPS; stops += 1) {
    await page.keyboard.press("Tab");
    const focus = await focusOn(page);
    if (focus && !focus.isSeen) throw new Error(`The focus is not to be seen on ${focus.what}.`);
    if (await isFocused(target)) return stops;
  }
  throw new Error(`${MOST_STOPS} times Tab do not lead to ${String(target)}.`);
}

async function isFocused(target: Locator): Promise<boolean> {
  return (await target.count()) > 0 && target.first().evaluate((element) => element === document.activeElement);
}

interface Focus {
  what: string;
  isSeen: boolean;
}

/** What has the focus, and whether one sees it: an outline on it, on what it draws over itself, or on the control around it. */
export function focusOn(page: Page): Promise<Focus | null> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const hasOutline = (style: CSSStyleDeclaration) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    const drawn = [element, element.parentElement, element.parentElement?.parentElement].filter((one) => one instanceof Element);
    const isDrawn = drawn.some((one) => hasOutline(getComputedStyle(one))) || hasOutline(getComputedStyle(element, "::after"));
    const box = element.getBoundingClientRect();
    const isInside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    const what = `<${element.tagName.toLowerCase()}> “${element.getAttribute("aria-label") ?? (element.textContent ?? "").trim().slice(0, 40)}”`;
    return { what, isSeen: isDrawn && isInside && box.width > 1 && box.height > 1 };
  });
}

/** Write where the focus is. Playwright hands Firefox Japanese as a value that no page notices: there an editor's command writes it. */
export async function write(page: Page, words: string): Promise<void> {
  if (IS_FIREFOX) await page.evaluate((text) => document.execCommand("insertText", false, text), words);
  else await page.keyboard.type(words);
}
