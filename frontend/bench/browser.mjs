/** What every measuring script begins with: its task on standard input, a browser, a line of JSON for each finding. */
import { chromium } from "playwright-core";

const WINDOW = { width: 1440, height: 900 };

export async function readTask() {
  let text = "";
  for await (const chunk of process.stdin) text += chunk;
  return JSON.parse(text);
}

export function tell(finding) {
  process.stdout.write(`${JSON.stringify(finding)}\n`);
}

/** Runs `work` with a browser that is closed at the end, whatever happens. */
export async function withBrowser({ chromium: executablePath }, work) {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    await work(browser);
  } finally {
    await browser.close();
  }
}

/** A page with nothing in its cache. `hook` runs in it before anything else. */
export async function coldPage(browser, hook) {
  const context = await browser.newContext({ viewport: WINDOW, locale: "en-US", colorScheme: "light" });
  const page = await context.newPage();
  if (hook) await page.addInitScript(hook);
  return page;
}

export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
