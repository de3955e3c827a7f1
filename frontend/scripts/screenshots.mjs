/**
 * Pictures of pages in both themes, both languages and three widths, and what is wrong with them: console messages,
 * failed requests, sideways overflow, axe violations, first-load JavaScript, layout shift.
 *
 *   node scripts/screenshots.mjs http://127.0.0.1:3000 /tmp/shots [path…]
 *
 * `CHROMIUM` names the browser (default /usr/bin/chromium). Ends 1 when something is wrong.
 */
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";

import { chromium } from "playwright-core";

const [base, out, ...given] = process.argv.slice(2);
if (!base || !out) {
  console.error("usage: node scripts/screenshots.mjs BASE_URL OUT_DIR [PATH…]");
  process.exit(2);
}
const paths = given.length > 0 ? given : ["/", "/dev/ui"];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

await mkdir(out, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const wrong = [];

for (const path of paths) {
  for (const language of ["ja", "en"]) {
    for (const theme of ["light", "dark"]) {
      for (const width of [1440, 1024, 390]) await shoot(path, language, theme, width);
    }
  }
}
await browser.close();
for (const line of wrong) console.log(line);
console.log(`${wrong.length} findings`);
process.exit(wrong.length > 0 ? 1 : 0);

async function shoot(path, language, theme, width) {
  const name = `${path === "/" ? "home" : path.slice(1).replaceAll("/", "-")}-${width}-${theme}-${language}`;
  const context = await browser.newContext({
    viewport: { width, height: width < 500 ? 844 : 900 },
    colorScheme: theme,
    locale: language === "ja" ? "ja-JP" : "en-US",
    reducedMotion: "reduce",
    bypassCSP: true,
  });
  const page = await context.newPage();
  const say = (what) => wrong.push(`${name}: ${what}`);
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) say(`console ${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => say(`page error: ${error.message}`));
  page.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText;
    if (reason !== "net::ERR_ABORTED") say(`request failed: ${request.url()} ${reason}`);
  });
  await page.addInitScript(() => {
    window.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(base + path, { waitUntil: "networkidle" });
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(400);
  await page.screenshot({ path: `${out}/${name}.png`, fullPage: true });

  const facts = await page.evaluate(() => ({
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    lang: document.documentElement.lang,
    shift: window.shift,
    script: performance
      .getEntriesByType("resource")
      .filter((entry) => entry.name.endsWith(".js"))
      .reduce((sum, entry) => sum + entry.encodedBodySize, 0),
  }));
  if (facts.overflow > 0) say(`${facts.overflow} px wider than the window`);
  if (facts.lang !== language) say(`lang is ${facts.lang}`);
  if (facts.shift > 0.02) say(`layout shift ${facts.shift.toFixed(3)}`);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    window.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"] }),
  );
  for (const { id, nodes } of violations) {
    say(`axe ${id}: ${nodes.map((node) => `${node.target.join(" ")} (${node.failureSummary ?? ""})`).slice(0, 3).join("; ")}`);
  }
  console.log(`${name}: script ${Math.round(facts.script / 1000)} kB, shift ${facts.shift.toFixed(4)}`);
  await context.close();
}
