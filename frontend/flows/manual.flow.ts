import { pathToFileURL } from "node:url";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { openBrowser } from "./support/browser";
import { barriersOn } from "./support/inspect";
import { MINUTE_MS } from "./support/patience";
import { keepPicture } from "./support/studio";

/** The folder with the built manual: it is opened from the disk, no server stands behind it. */
const SITE = process.env.SITE ?? "";
const PHONE = { width: 390, height: 844 };
const WIDE = { width: 1280, height: 900 };
/** A page of each kind; the reference, whose tables are long, is looked at in one theme. */
const LOOKED_AT = { light: ["index", "concepts/jobs", "troubleshooting/out-of-memory", "reference/recipes"], dark: ["index", "concepts/jobs"] } as const;
/** A word that only some pages have, and one of them. */
const SOUGHT = { ja: ["世代番号", "concepts/jobs.html"], en: ["perplexity", "reference/metrics.html"] } as const;

const addressOf = (path: string) => pathToFileURL(`${SITE}/${path}`).href;

describe.each([
  ["ja", "en"],
  ["en", "ja"],
] as const)("the manual in %s, opened from the disk", (language, other) => {
  let browser: Browser;
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  async function opened(colorScheme: "light" | "dark"): Promise<Page> {
    const context = await browser.newContext({ locale: language, colorScheme, viewport: PHONE });
    const page = await context.newPage();
    page.on("request", (request) => void (/^(file|data|blob):/.test(request.url()) || complaints.push(`asks ${request.url()}`)));
    page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
    page.on("pageerror", (error) => void complaints.push(error.message));
    return page;
  }

  test.each(["light", "dark"] as const)("fits a phone and bars nobody in %s", { timeout: 2 * MINUTE_MS }, async (colorScheme) => {
    const page = await opened(colorScheme);
    const found: string[] = [];
    for (const path of LOOKED_AT[colorScheme]) {
      await page.goto(addressOf(`${language}/${path}.html`));
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      found.push(...(await barriersOn(page)).map((one) => `${path}: ${one}`), ...(over > 0 ? [`${path}: ${over} px wider than the window`] : []));
      await keepPicture(page, `${language}-${colorScheme}-${path.replace("/", "-")}`);
    }
    expect([...found, ...complaints.splice(0)]).toEqual([]);
    await page.context().close();
  });

  test("leads to the other language's page of the same name, and finds what is sought", { timeout: MINUTE_MS }, async () => {
    const page = await opened("light");
    await page.setViewportSize(WIDE);
    await page.goto(addressOf(`${language}/concepts/jobs.html`));
    await keepPicture(page, `${language}-wide`);
    await page.locator(`a[hreflang=${other}]`).first().click();
    await page.waitForURL(addressOf(`${other}/concepts/jobs.html`));
    await page.goto(addressOf(`${language}/index.html`));
    const [word, target] = SOUGHT[language];
    await page.locator(".md-search__button").click();
    await page.keyboard.insertText(word);
    await page.locator(`a[href*="${target}"]`).filter({ hasText: word }).first().click();
    await page.waitForURL((url) => url.href.startsWith(addressOf(`${language}/${target}`)));
    expect(complaints.splice(0)).toEqual([]);
    await page.context().close();
  });
});
