/**
 * Cold loads of pages. Task: `pages_url`, `pages` {name: path}, `loads`, `framework` [file names of scripts].
 * A line a load: bytes of the scripts that the HTML names (bodies, compressed), bytes of all scripts and styles really
 * transferred until a second of quiet after `load`, and what a visitor feels.
 */
import { coldPage, readTask, sleep, tell, withBrowser } from "./browser.mjs";

const QUIET_MS = 1000;
/** Long tasks count from the first paint of content for so long. */
const WATCHED_MS = 5000;

const task = await readTask();
await withBrowser(task, async (browser) => {
  for (let turn = 0; turn < task.loads; turn += 1) {
    for (const [name, path] of Object.entries(task.pages)) tell({ page: name, turn, ...(await load(browser, path)) });
  }
});

async function load(browser, path) {
  const page = await coldPage(browser, watchPage);
  const code = await countCode(page);
  const document = await page.goto(task.pages_url + path, { waitUntil: "load" });
  await sleep(QUIET_MS);
  while (Date.now() - code.lastMs < QUIET_MS) await sleep(100);
  const named = namedIn(await document.text());
  await page.waitForFunction((ms) => window.bench.firstPaint > 0 && performance.now() > window.bench.firstPaint + ms, WATCHED_MS);
  const felt = await page.evaluate((ms) => {
    const { largest, shift, firstPaint, tasks } = window.bench;
    const counted = tasks.filter(({ start }) => start >= firstPaint && start < firstPaint + ms);
    const blocked = counted.reduce((sum, { duration }) => sum + Math.max(0, duration - 50), 0);
    return { lcp_ms: largest, fcp_ms: firstPaint, cls: shift, tbt_ms: blocked };
  }, WATCHED_MS);
  await page.context().close();
  return { named_bytes: code.bodiesOf(named), framework_bytes: code.bodiesOf(task.framework), code_bytes: code.total, ...felt };
}

/** Files of the scripts that a browser loads because the HTML says so. */
function namedIn(html) {
  const tags = [...html.matchAll(/<script\b([^>]*)>/g)].map(([, attributes]) => attributes).filter((one) => !/nomodule/i.test(one));
  return tags.flatMap((one) => /\bsrc="([^"]+\.js)/.exec(one)?.[1] ?? []);
}

/** Scripts and styles as the browser's network stack counts them: `total` with their headers, bodies without. */
async function countCode(page) {
  const bodies = new Map();
  const counted = { total: 0, lastMs: Date.now(), bodiesOf };
  const urls = new Map();
  const session = await page.context().newCDPSession(page);
  session.on("Network.requestWillBeSent", ({ requestId, request: { url } }) => {
    if (/\.(js|css)$/.test(new URL(url).pathname)) urls.set(requestId, url);
  });
  session.on("Network.dataReceived", ({ requestId, encodedDataLength }) => {
    const url = urls.get(requestId);
    if (url) bodies.set(url, (bodies.get(url) ?? 0) + encodedDataLength);
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (!urls.has(requestId)) return;
    counted.total += encodedDataLength;
    counted.lastMs = Date.now();
  });
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  return counted;

  function bodiesOf(files) {
    return [...bodies].reduce((sum, [url, bytes]) => (files.some((file) => url.endsWith(file)) ? sum + bytes : sum), 0);
  }
}

/** Runs in the page. */
function watchPage() {
  const bench = { largest: 0, firstPaint: 0, shift: 0, tasks: [] };
  window.bench = bench;
  const watch = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  watch("largest-contentful-paint", (entry) => (bench.largest = entry.startTime));
  watch("paint", (entry) => entry.name === "first-contentful-paint" && (bench.firstPaint = entry.startTime));
  watch("layout-shift", (entry) => !entry.hadRecentInput && (bench.shift += entry.value));
  watch("longtask", (entry) => bench.tasks.push({ start: entry.startTime, duration: entry.duration }));
}
