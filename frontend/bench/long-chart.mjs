/**
 * A run of very many steps. Task: `pages_url`, `api_url`, `job_id`, `job_path`, `steps`, `turns`.
 * A line a turn: milliseconds from the arrival of the points to the painted chart, and from the end of a zoom's drag to
 * the painted part: as the page has it (so many points as pixels), and with every single point in the chart.
 */
import { coldPage, readTask, sleep, tell, withBrowser } from "./browser.mjs";
import { watchCanvases } from "./canvas-hook.mjs";

const MOST_POINTS = 10_000;
const PATIENCE_MS = 60_000;
const CHART = "canvas";

const task = await readTask();
const everyPoint = await wholeCurves();
await withBrowser(task, async (browser) => {
  for (let turn = 0; turn < task.turns; turn += 1) {
    tell({ points: "as_pixels", ...(await drawAndZoom(browser, null)) });
    tell({ points: "all", ...(await drawAndZoom(browser, everyPoint)) });
  }
});

async function drawAndZoom(browser, curves) {
  const page = await coldPage(browser, watchCanvases);
  if (curves) await page.route(/\/metrics\?/, (route) => answer(route, curves));
  await page.goto(task.pages_url + task.job_path, { waitUntil: "load" });
  await page.waitForFunction(() => window.bench.texts.some(({ painted }) => painted > 0), null, { timeout: PATIENCE_MS });
  const first = await page.evaluate(() => {
    const arrived = Math.min(
      ...performance.getEntriesByType("resource").filter(({ name }) => /\/metrics\?/.test(name)).map((entry) => entry.responseEnd),
    );
    const { painted } = window.bench.texts.find((note) => note.painted > 0);
    return { first_draw_ms: painted - arrived, first_block_ms: window.bench.longest(arrived, painted) };
  });
  await sleep(3000);
  const zoomed = await zoom(page);
  await page.context().close();
  return { ...first, ...zoomed };
}

/** Drag over the middle third of the first chart, and wait until its axis says so. */
async function zoom(page) {
  const box = await page.locator(CHART).first().boundingBox();
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.35, y);
  await page.mouse.down();
  for (let part = 1; part <= 6; part += 1) await page.mouse.move(box.x + box.width * (0.35 + 0.05 * part), y);
  await page.evaluate(() => {
    window.bench.texts.length = 0;
    addEventListener("mouseup", () => (window.bench.released = performance.now()), { capture: true, once: true });
  });
  await page.mouse.up();
  await page.waitForFunction(
    (selector) => window.bench.texts.some(({ canvas, painted }) => painted > 0 && canvas === document.querySelector(selector)),
    CHART,
    { timeout: PATIENCE_MS },
  );
  const first = await page.evaluate((selector) => {
    const { texts, released, longest } = window.bench;
    const { painted } = texts.find((note) => note.painted > 0 && note.canvas === document.querySelector(selector));
    return { zoom_ms: painted - released, zoom_block_ms: longest(released, painted) };
  }, CHART);
  return first;
}

async function wholeCurves() {
  const series = {};
  let last = {};
  for (let first = 0; first <= task.steps; first += MOST_POINTS / 2) {
    const query = new URLSearchParams({ width: MOST_POINTS, first_step: first, last_step: first + MOST_POINTS / 2 - 1 });
    const answered = await fetch(`${task.api_url}/api/training/jobs/${task.job_id}/metrics?${query}`);
    if (!answered.ok) throw new Error(`metrics: ${answered.status} ${await answered.text()}`);
    const metrics = await answered.json();
    last = metrics;
    for (const [name, { steps, values }] of Object.entries(metrics.series)) {
      const all = (series[name] ??= { steps: [], values: [] });
      all.steps.push(...steps);
      all.values.push(...values);
    }
  }
  return { ...last, series }; // whatever else an answer tells is that of the last part
}

/** Every point where the page asks for the whole run; what a zoom asks for comes from the API. */
async function answer(route, curves) {
  if (new URL(route.request().url()).searchParams.has("last_step")) return route.continue();
  const headers = { "access-control-allow-origin": task.pages_url, "access-control-allow-credentials": "true", "timing-allow-origin": "*" };
  return route.fulfill({ status: 200, headers, contentType: "application/json", body: JSON.stringify(curves) });
}
