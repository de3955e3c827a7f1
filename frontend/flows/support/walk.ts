import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";

import { countClicks } from "./clicks";
import { complaintsOf, keepPicture, openBrowser, openContext } from "./studio";

const PATIENCE_MS = 30_000;

/** The one page that a flow walks through, counted click by click; a step that fails leaves a picture. */
export interface Walk {
  page: Page;
  complaints: string[];
}

/** Open a page before the flow's first step and close it after the last; call it inside `describe`. */
export function walkThrough(flow: string, begun: (walk: Walk) => void): void {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await openBrowser();
    const context = await openContext(browser);
    await countClicks(context);
    page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    begun({ page, complaints: complaintsOf(page) });
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await keepPicture(page, `${flow}-${task.name}`);
  });
  afterAll(() => browser.close());
}
