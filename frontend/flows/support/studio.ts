import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";

export { HOST_NAME, openBrowser } from "./browser";

/** The studio under test, as whoever runs the flows has started it (tests/e2e); the manual's flow has none. */
export const STUDIO = {
  get pagesUrl() {
    return given("PAGES_URL");
  },
  get apiUrl() {
    return given("API_URL");
  },
  get dataDir() {
    return given("DATA_DIR");
  },
};

function given(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: ./llmlora test runs the flows on a studio of their own.`);
  return value;
}

export function openContext(browser: Browser, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  return browser.newContext({
    baseURL: STUDIO.pagesUrl,
    viewport: { width: 1440, height: 900 },
    locale: "ja-JP",
    colorScheme: "light",
    ...options,
  });
}

/** Open an address and wait until the page listens: the server has drawn it before its scripts have come. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await listening(page);
}

export async function listening(page: Page): Promise<void> {
  await page.locator("html[data-ready]").waitFor({ state: "attached" });
}

/** Said where the machine is slow, of what the page still uses. */
const LATE = /was preloaded using link preload but not used within a few seconds/;

/** What a page wanted to load or run against its Content-Security-Policy. */
export function isViolation(complaint: string): boolean {
  return /Content[ -]Security[ -]Policy/i.test(complaint);
}

/** Everything that a browser complains about on a page, from now on. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    if (LATE.test(message.text())) return;
    complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => complaints.push(`page error: ${error.stack ?? error.message}`));
  return complaints;
}

/** What one sees when a flow has failed; the path is printed with it. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const path = join(process.env.FLOW_PICTURES ?? tmpdir(), `${name.replaceAll(/[^\w-]+/g, "-")}.png`);
  await page.screenshot({ path, fullPage: true }).catch(() => undefined);
  console.error(`picture: ${path} (${page.url()})`);
}
