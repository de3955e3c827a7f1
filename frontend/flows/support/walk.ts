import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";

import { countClicks } from "./clicks";
import { PATIENCE_MS } from "./patience";
import { complaintsOf, isViolation, keepPicture, openBrowser, openContext } from "./studio";

/** The one page that a flow walks through, counted click by click; a step that fails leaves a picture. */
export interface Walk {
  page: Page;
  complaints: string[];
}

/** Open a page before the flow's first step and close it after the last; call it inside `describe`. */
export function walkThrough(flow: string, begun: (walk: Walk) => void, options: BrowserContextOptions = {}): void {
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    browser = await openBrowser();
    const context = await openContext(browser, options);
    await countClicks(context);
    page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    complaints = complaintsOf(page);
    begun({ page, complaints });
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await keepPicture(page, `${flow}-${task.name}`);
  });
  afterAll(async () => {
    await browser.close();
    expect(complaints.filter(isViolation)).toEqual([]);
  });
}
