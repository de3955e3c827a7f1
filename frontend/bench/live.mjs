/**
 * A running job. Task: `pages_url`, `job_path`, `charts_path`, `charts`, `watch_s`, `frames_s`.
 * `painted`: [what the chart's last label said, when it was on the screen (Unix ms)]; `frames`: milliseconds between
 * frames, of the page with the charts and, under the same load, of an empty one.
 */
import { coldPage, readTask, sleep, tell, withBrowser } from "./browser.mjs";
import { watchCanvases } from "./canvas-hook.mjs";

/** The values of the curve that names its step: 100,017 (`devtools/bench/stream.py`). */
const STEP_LABEL = String.raw`^\d{3},\d{2}7$`;
const PATIENCE_MS = 60_000;

const task = await readTask();
await withBrowser(task, async (browser) => {
  tell({ painted: await paintedLabels(browser) });
  tell({ frames: await framesOf(browser, task.pages_url + task.charts_path, task.charts) });
  tell({ empty_frames: await framesOf(browser, "about:blank", 0) });
});

async function paintedLabels(browser) {
  const page = await coldPage(browser, watchCanvases);
  await page.goto(task.pages_url + task.job_path, { waitUntil: "load" });
  const isLabel = (label) => window.bench.texts.some(({ text }) => new RegExp(label).test(text));
  await page.waitForFunction(isLabel, STEP_LABEL, { timeout: PATIENCE_MS });
  await sleep(2000); // what the page loads late is no part of a steady run
  await page.evaluate(() => (window.bench.texts.length = 0));
  await sleep(task.watch_s * 1000);
  const painted = await page.evaluate((label) => {
    const labels = window.bench.texts.filter(({ text, paintedAtMs }) => paintedAtMs && new RegExp(label).test(text));
    return labels.map(({ text, paintedAtMs }) => [Number(text.replaceAll(",", "")), paintedAtMs]);
  }, STEP_LABEL);
  await page.context().close();
  return painted;
}

async function framesOf(browser, url, charts) {
  const page = await coldPage(browser);
  await page.goto(url, { waitUntil: "load" });
  await page.waitForFunction((count) => document.querySelectorAll("canvas").length >= count, charts, { timeout: PATIENCE_MS });
  await sleep(charts > 0 ? 3000 : 500);
  const frames = await page.evaluate(
    (ms) =>
      new Promise((resolve) => {
        const between = [];
        let last = 0;
        let first = 0;
        const step = (now) => {
          if (last) between.push(now - last);
          else first = now;
          last = now;
          if (now - first < ms) requestAnimationFrame(step);
          else resolve(between);
        };
        requestAnimationFrame(step);
      }),
    task.frames_s * 1000,
  );
  await page.context().close();
  return frames;
}
