/** Every page with data that is hard to place, on a phone, a tablet, a laptop and at 200 %: nothing is overprinted or cut. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { api } from "./support/api";
import { LESSON } from "./support/files";
import { misplacedOn } from "./support/geometry";
import { openSettled, settled } from "./support/inspect";
import { MINUTE_MS } from "./support/patience";
import { keepPicture, openBrowser, openContext } from "./support/studio";

const BASE = "bundled:smollm2-135m-instruct";
const LONG = "社内規程の質問応答2026年11月改訂版（総務部・人事部・情報システム部）_customer-support-frequently-asked-questions_final_v2";
const UNBROKEN = `Donaudampfschifffahrtsgesellschaftskapitänsmütze${"x".repeat(40)}`;
const JOBS = 18;
/** 1366 px at 200 % are 683. */
const WIDTHS = [390, 683, 1024, 1366] as const;
const HEIGHT = 800;
const LANGUAGES = ["ja", "en"] as const;

describe("hard data", () => {
  let browser: Browser;
  let paths: string[];

  beforeAll(async () => {
    browser = await openBrowser();
    const rows = LESSON.map(({ question, answer }) => ({ instruction: question.repeat(4), output: answer.repeat(8) }));
    const { dataset } = await api.addRows(LONG, rows);
    await api.addRows(UNBROKEN, rows.slice(0, 1));
    const request = { recipe: "text_lora", base_model: BASE, dataset_id: dataset.id };
    const failing = await api.startJob({ ...request, name: LONG, config: { max_steps: 2, max_length: 8 } });
    const others: string[] = [];
    for (let place = 0; place < JOBS; place += 1) {
      const name = place % 2 === 0 ? UNBROKEN : `${LONG} ${place}`;
      others.push((await api.startJob({ ...request, name, config: { max_steps: 2 } })).id);
    }
    for (const id of others) await api.cancel(id);
    await vi.waitUntil(async () => (await api.job(failing.id)).state === "failed", { timeout: 2 * MINUTE_MS, interval: 200 });
    const { data: deployments } = await api.deployments();
    paths = [
      "/",
      "/datasets",
      `/datasets/${dataset.id}`,
      "/models",
      "/training",
      `/training/new?dataset=${dataset.id}&all=true`,
      `/training/${failing.id}`,
      `/training/${others[0]}`,
      ...deployments.slice(0, 1).flatMap(({ training_job_id }) => (training_job_id ? [`/training/${training_job_id}`] : [])),
      `/training/compare?ids=${[failing.id, ...others.slice(0, 3)].join(",")}`,
      deployments[0] ? `/chat?model=${encodeURIComponent(deployments[0].name)}` : "/chat",
      "/learn",
      "/learn/1",
      "/learn/3",
      "/system",
      "/no-such-page",
    ];
  }, 4 * MINUTE_MS);
  afterAll(() => browser.close());

  test.each(LANGUAGES)("in %s, every text stands alone and whole at every width", { timeout: 6 * MINUTE_MS }, async (language) => {
    const context = await openContext(browser, { locale: language === "ja" ? "ja-JP" : "en-US", reducedMotion: "reduce" });
    const page = await context.newPage();
    const faults: string[] = [];
    for (const path of paths) {
      await page.setViewportSize({ width: WIDTHS[0], height: HEIGHT });
      await openSettled(page, path);
      for (const width of WIDTHS) faults.push(...(await look(page, path, width, language)));
    }
    await context.close();
    expect(faults).toEqual([]);
  });

  test("dialogs fit a phone, and a mark beside a term says what it means by touch and by key", async () => {
    const context = await openContext(browser, { viewport: { width: 390, height: HEIGHT }, hasTouch: true, reducedMotion: "reduce" });
    const page = await context.newPage();
    const faults: string[] = [];
    await openSettled(page, paths[5] ?? "");
    const mark = page.getByRole("button", { name: "「ランク r」の説明" });
    await mark.tap();
    const note = page.getByRole("note").filter({ visible: true });
    expect(await note.innerText()).toContain("アダプターの大きさ");
    faults.push(...(await misplacedOn(page)));
    await page.keyboard.press("Escape");
    await expect.poll(() => note.count()).toBe(0);
    await mark.press("Enter");
    await note.waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "curl / CLI / YAML" }).first().click();
    await page.getByRole("dialog").waitFor();
    faults.push(...(await misplacedOn(page)));
    if (faults.length > 0) await keepPicture(page, "layout-dialog");
    await context.close();
    expect(faults).toEqual([]);
  });
});

async function look(page: Page, path: string, width: number, language: string): Promise<string[]> {
  await page.setViewportSize({ width, height: HEIGHT });
  await settled(page);
  const found = await misplacedOn(page);
  for (const one of found) console.error(`${path} ${width} ${language}: ${one}`);
  if (found.length > 0 || process.env.FLOW_ALL_PICTURES) await keepPicture(page, `layout-${path}-${width}-${language}`);
  return found.map((one) => `${path} ${width} px: ${one}`);
}
