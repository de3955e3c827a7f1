/**
 * Pictures of pages, and what is wrong with them: console messages, failed requests, sideways overflow, layout shift,
 * axe violations. A line of JSON a picture: {"picture", "findings"}.
 *
 * `./llmlora screenshots` gives the task on standard input: `pages_url`, `out`, `pages` {name: path}, `looks`
 * [{language, theme, width}], `whole` (false: what the window shows). By hand, every look of some paths:
 *
 *   node scripts/screenshots.mjs http://127.0.0.1:3000 /tmp/shots /training /system
 */
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";

import { readTask, sleep, tell, withBrowser } from "../bench/browser.mjs";

const MOST_SHIFT = 0.02;
const LOCALES = { ja: "ja-JP", en: "en-US" };
const TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"];
/** A page has settled when as much stands in it as so long before: its charts are drawn, its lists filled. */
const SETTLE_MS = 1000;
const QUIET_MS = 15_000;
/** What a page counts or measures when it is first looked at. */
const WORK_MS = 60_000;

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const byHand = process.argv.length > 2;
const task = byHand ? taskOf(process.argv.slice(2)) : await readTask();
let wrong = 0;

await mkdir(task.out, { recursive: true });
await withBrowser(task, async (browser) => {
  for (const [name, path] of Object.entries(task.pages)) {
    for (const look of task.looks) {
      const { picture, findings } = await shoot(browser, name, path, look);
      wrong += findings.length;
      tell({ picture, findings });
    }
  }
});
if (byHand) process.exitCode = wrong > 0 ? 1 : 0;

async function shoot(browser, name, path, { language, theme, width }) {
  const context = await browser.newContext({
    viewport: { width, height: width < 500 ? 844 : Math.round(width * 0.625) },
    colorScheme: theme,
    locale: LOCALES[language],
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const findings = [];
  hear(page, (finding) => findings.push(finding));
  await page.addInitScript(watchShift);
  const problem = await open(page, task.pages_url + path);
  if (problem) {
    await context.close();
    return { picture: name, findings: [problem] };
  }
  await page.evaluate(() => document.fonts.ready);
  await settled(page);
  const picture = task.looks.length === 1 ? `${name}.png` : `${name}-${width}-${theme}-${language}.png`;
  await page.screenshot({ path: `${task.out}/${picture}`, fullPage: task.whole !== false });
  findings.push(...(await look(page, language)));
  await context.close();
  return { picture, findings };
}

async function settled(page) {
  const until = Date.now() + WORK_MS;
  let before = "";
  while (Date.now() < until) {
    const now = await page.evaluate(() => ["*", "canvas"].map((kind) => document.querySelectorAll(kind).length).join());
    if (now === before) return;
    before = now;
    await sleep(SETTLE_MS);
  }
}

/** What kept a page from opening; null where it is there. */
async function open(page, url) {
  try {
    const response = await page.goto(url, { waitUntil: "load" });
    // A busy machine may never be quiet for long; what is there by then is the picture.
    await page.waitForLoadState("networkidle", { timeout: QUIET_MS }).catch(() => undefined);
    const isWorking = () => document.querySelector("[role=progressbar]:not([aria-valuenow])");
    await page.waitForFunction(`!(${isWorking})()`, null, { timeout: WORK_MS }).catch(() => undefined);
    return response?.ok() ? null : `does not open: ${response?.status()}`;
  } catch (error) {
    return `does not open: ${error.message.split("\n")[0]}`;
  }
}

function hear(page, say) {
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) say(`console ${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => say(`page error: ${error.message}`));
  page.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText;
    if (reason !== "net::ERR_ABORTED") say(`request failed: ${request.url()} ${reason}`);
  });
}

async function look(page, language) {
  const { overflow, lang, shift } = await page.evaluate(() => ({
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    lang: document.documentElement.lang,
    shift: window.shift,
  }));
  const findings = [];
  if (overflow > 0) findings.push(`${overflow} px wider than the window`);
  if (lang !== language) findings.push(`lang is ${lang}`);
  if (shift > MOST_SHIFT) findings.push(`layout shift ${shift.toFixed(3)}`);
  await page.evaluate(axe);
  const { violations } = await page.evaluate((values) => window.axe.run({ runOnly: { type: "tag", values } }), TAGS);
  for (const { id, nodes } of violations) {
    const places = nodes.slice(0, 3).map(({ target, failureSummary }) => `${target.join(" ")} (${failureSummary ?? ""})`);
    findings.push(`axe ${id}: ${places.join("; ")}`);
  }
  return findings;
}

/** Runs in the page. */
function watchShift() {
  window.shift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
}

function taskOf([pagesUrl, out, ...paths]) {
  const nameOf = (path) => (path === "/" ? "home" : path.slice(1).replaceAll(/[/?&=]/g, "-"));
  const looks = ["ja", "en"].flatMap((language) =>
    ["light", "dark"].flatMap((theme) => [1440, 1024, 390].map((width) => ({ language, theme, width }))),
  );
  return {
    chromium: process.env.CHROMIUM ?? "/usr/bin/chromium",
    pages_url: pagesUrl,
    out,
    pages: Object.fromEntries((paths.length > 0 ? paths : ["/"]).map((path) => [nameOf(path), path])),
    looks,
  };
}
