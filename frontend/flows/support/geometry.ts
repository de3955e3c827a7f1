import type { Page } from "playwright-core";

/** What is overprinted, cut or wider than the window, as the page stands: told by where its letters are. */
export function misplacedOn(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    interface Piece {
      words: string;
      element: Element;
      layer: Element | null;
      box: DOMRect;
    }
    const OVERLAP_PX = 2;
    /** Of a line's height that letters do not fill. */
    const LEADING = 0.25;
    const style = (element: Element) => getComputedStyle(element);
    const isShown = (element: Element) =>
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !element.closest(".sr-only, [aria-hidden=true], textarea, [inert]");
    const layerOf = (element: Element) => {
      for (let one: Element | null = element; one; one = one.parentElement) {
        if (["fixed", "sticky"].includes(style(one).position) || one.hasAttribute("popover") || one.tagName === "DIALOG") return one;
      }
      return null;
    };
    const isHeld = (element: Element) => {
      const { textOverflow, webkitLineClamp } = style(element);
      return textOverflow === "ellipsis" || (webkitLineClamp !== "none" && webkitLineClamp !== "");
    };
    const isTold = (element: Element) => element.closest("[title], [aria-label], [aria-labelledby], [data-full]") !== null;
    /** What is left of a box behind everything that clips it, and whether a sign of omission tells the cut; null where one can scroll to it. */
    const clippedTo = (element: Element, box: DOMRect): { left: number; right: number; top: number; bottom: number; isTold: boolean } | null => {
      const seen = { left: box.left, right: box.right, top: box.top, bottom: box.bottom, isTold: false };
      for (let one: Element | null = element; one && one !== document.body; one = one.parentElement) {
        const { overflowX, overflowY, position } = style(one);
        if (overflowX === "visible" && overflowY === "visible") continue;
        const frame = one.getBoundingClientRect();
        const [x, y] = [seen.right > frame.right + 1 || seen.left < frame.left - 1, seen.bottom > frame.bottom + 1 || seen.top < frame.top - 1];
        if ((x && ["auto", "scroll"].includes(overflowX)) || (y && ["auto", "scroll"].includes(overflowY))) return null;
        if (isHeld(one) && (x || y)) seen.isTold = true;
        if (x && ["hidden", "clip"].includes(overflowX)) Object.assign(seen, { left: Math.max(seen.left, frame.left), right: Math.min(seen.right, frame.right) });
        if (y && ["hidden", "clip"].includes(overflowY)) Object.assign(seen, { top: Math.max(seen.top, frame.top), bottom: Math.min(seen.bottom, frame.bottom) });
        if (position === "fixed") break;
      }
      return seen;
    };
    const faults: string[] = [];
    const say = (words: string) => `“${words.trim().replaceAll(/\s+/g, " ").slice(0, 48)}”`;
    const overflow = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (overflow > 0) faults.push(`the page is ${overflow} px wider than the window`);
    const pieces: Piece[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!element || !node.nodeValue?.trim() || ["SCRIPT", "STYLE", "NOSCRIPT", "OPTION"].includes(element.tagName) || !isShown(element)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const layer = layerOf(element);
      for (const line of range.getClientRects()) {
        if (line.width < 2 || line.height < 4) continue;
        const seen = clippedTo(element, line);
        if (!seen) continue;
        const isCut = line.width - (seen.right - seen.left) > OVERLAP_PX || line.height - (seen.bottom - seen.top) > line.height * LEADING;
        if (isCut && !seen.isTold && !(seen.right <= seen.left || seen.bottom <= seen.top)) faults.push(`cut: ${say(node.nodeValue)}`);
        if (seen.right <= seen.left || seen.bottom <= seen.top) continue;
        if (layer === null && seen.right > window.innerWidth + 1) faults.push(`beside the window: ${say(node.nodeValue)}`);
        const inset = (line.height * LEADING) / 2;
        const box = new DOMRect(seen.left, seen.top + inset, seen.right - seen.left, Math.max(0, seen.bottom - seen.top - 2 * inset));
        pieces.push({ words: node.nodeValue, element, layer, box });
      }
    }
    for (const element of document.querySelectorAll("body *")) {
      if (!isHeld(element) || !isShown(element)) continue;
      element.dispatchEvent(new PointerEvent("pointerover", { bubbles: true })); // some tell the whole only then
      if (isTold(element)) continue;
      if (element.scrollWidth > element.clientWidth + 1 && element.textContent?.trim()) faults.push(`cut, and nothing tells the whole: ${say(element.textContent)}`);
    }
    pieces.sort((one, other) => one.box.top - other.box.top);
    pieces.forEach((one, place) => {
      for (const other of pieces.slice(place + 1)) {
        if (other.box.top > one.box.bottom) break;
        if (other.element === one.element || other.layer !== one.layer) continue;
        const width = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const height = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        if (width > OVERLAP_PX && height > OVERLAP_PX) faults.push(`overprinted: ${say(one.words)} and ${say(other.words)}`);
      }
    });
    return [...new Set(faults)];
  });
}
