import { readFileSync } from "node:fs";

import type { Page } from "playwright-core";

interface FileName {
  sent: string;
  kept: string;
}

/** Names that people gave their files: with quotes, from the right to the left, decomposed, as markup, 204 letters long. */
export const FILE_NAMES = (JSON.parse(readFileSync(new URL("../../../tests/cases/28-file-names/names.json", import.meta.url), "utf8")) as FileName[]).map(({ kept }) => kept);

/** A name that turns what follows it, ends the isolation it stands in, and turns once more. */
export const BREAKING_OUT = "\u202egnp.\u2069\u202e終.csv";

/** Where a name that turns its surroundings is drawn without being isolated from them. */
export function turnedOn(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const TURN = "\u202e";
    const ISOLATED = /\u2068[^\u2066-\u2069]*\u2069/g;
    const ENDS = /[\u2066-\u2069]/;
    const isLoose = (text: string) => text.replaceAll(ISOLATED, "").includes(TURN);
    /** One name alone: those that turn begin with it and have no spaces. */
    const isWhole = (text: string) => text.trim().startsWith(TURN) && !/[\s、。「」]/.test(text.trim());
    const say = (what: string, text: string) => `${what} is turned by a name: “${text.trim().replaceAll(TURN, "⟲").slice(0, 60)}”`;
    const faults: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const [text, element] = [node.nodeValue ?? "", node.parentElement];
      if (!element || !isLoose(text) || ["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE"].includes(element.tagName)) continue;
      let around: Element = element;
      while (around.parentElement && getComputedStyle(around).display === "inline" && getComputedStyle(around).unicodeBidi !== "isolate") around = around.parentElement;
      const isAlone = around.textContent?.trim() === text.trim();
      const isHeld = getComputedStyle(around).display !== "inline" || !ENDS.test(text);
      if (!isWhole(text) || !isAlone || !isHeld) faults.push(say("text", around.textContent ?? ""));
    }
    for (const element of document.querySelectorAll("*")) {
      for (const name of ["aria-label", "title", "placeholder", "alt", "aria-description", "aria-valuetext"]) {
        const text = element.getAttribute(name) ?? "";
        if (isLoose(text) && !isWhole(text)) faults.push(say(name, text));
      }
      if (element instanceof HTMLInputElement && isLoose(element.value) && !isWhole(element.value) && element.readOnly) faults.push(say("value", element.value));
    }
    if (isLoose(document.title)) faults.push(say("the title", document.title));
    return [...new Set(faults)];
  });
}
