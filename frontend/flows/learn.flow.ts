/** The courses: a step that is done elsewhere ticks itself, what nobody sees is ticked by hand, and links know the learner's things. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import { ja } from "../messages/ja";
import { api } from "./support/api";
import { listening, openContext, visit } from "./support/studio";
import { walkThrough } from "./support/walk";

const FILE = "level2_technical.csv";
const NAME = "技術の 20 問";
const BASE = "bundled:smollm2-135m-instruct";
const REPOSITORY = join(import.meta.dirname, "..", "..");

describe("the courses", () => {
  let page: Page;
  let complaints: string[];
  let dataset: string;

  walkThrough("learn", (walk) => ({ page, complaints } = walk));

  const panel = (section: string) => page.getByRole("region", { name: `「${section}」で済ませること` });
  const contents = () => page.getByRole("navigation", { name: ja.course.contents }).filter({ visible: true });

  test("keys lead to three courses, and one of them to its text and pictures", async () => {
    await visit(page, "/");
    await page.keyboard.press("g");
    await page.keyboard.press("l");
    await page.getByRole("heading", { level: 1, name: ja.learn.title }).waitFor();
    await expect.poll(() => page.getByRole("main").getByRole("heading", { level: 2 }).count()).toBe(3);
    await page.getByRole("link", { name: /「レベル 2: 設定を選ぶ」/ }).click();
    await page.getByRole("heading", { level: 1, name: "レベル 2: 設定を選ぶ" }).waitFor();
    await expect.poll(() => page.title()).toContain("レベル 2");
    const picture = page.getByRole("img", { name: "三つの学習の比較" });
    await picture.scrollIntoViewIfNeeded();
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
    expect(await page.getByRole("main").innerText()).not.toContain("<!--");
  });

  test("data that is added elsewhere ticks its step while the page stands open", async () => {
    const goal = panel("手順 1: データを入れて、内訳を見る");
    await goal.getByRole("img", { name: ja.course.states.open }).waitFor();
    await expect.poll(() => contents().getByRole("link", { name: /手順 1/ }).getAttribute("aria-current")).toBe("step");
    const words = await readFile(join(REPOSITORY, "tutorial", "datasets", FILE), "utf8");
    dataset = (await api.addFile(FILE, words, NAME)).id;
    await goal.getByRole("img", { name: ja.course.states.done }).waitFor();
    await goal.getByRole("link", { name: ja.course.open.dataset }).waitFor();
    await page.getByRole("status").filter({ hasText: "が済みました" }).waitFor({ state: "attached" });
    await expect.poll(() => contents().getByRole("link", { name: /手順 2/ }).getAttribute("aria-current")).toBe("step");
  });

  test("the next step opens a new training with the learner's data", async () => {
    await panel("手順 2: 控えめな設定（A）").getByRole("link", { name: ja.course.open.new_training }).click();
    await page.getByRole("heading", { level: 1, name: "新しい学習" }).waitFor();
    const data = page.getByRole("combobox", { name: ja.newTraining.dataset.label });
    await expect.poll(() => data.evaluate((one) => (one instanceof HTMLInputElement ? one.value : one.textContent))).toContain(NAME); // a field where there are many
    await page.goBack();
    await page.getByRole("heading", { level: 1, name: "レベル 2: 設定を選ぶ" }).waitFor();
  });

  test("a training under way is told, and the step leads to it", async () => {
    const config = { rank: 8, learning_rate: 0.0002, epochs: 1 };
    const job = await api.startJob({ recipe: "text_lora", name: "A 控えめ", base_model: BASE, dataset_id: dataset, config });
    const goal = panel("手順 2: 控えめな設定（A）");
    await goal.getByText(ja.course.states.atWork).waitFor();
    expect(await goal.getByRole("link", { name: ja.course.open.training }).getAttribute("href")).toBe(`/training/${job.id}`);
    await api.cancel(job.id);
  });

  test("what nobody sees is ticked by hand, and stands there after a reload and in another browser", async () => {
    const box = page.getByRole("checkbox", { name: /三つの曲線を見比べた/ });
    await box.check();
    await expect.poll(() => contents().getByRole("link", { name: /手順 5.*/ }).getByRole("img").getAttribute("aria-label")).toBe(ja.course.states.done);
    await page.reload();
    await listening(page);
    await expect.poll(() => box.isChecked()).toBe(true);
    const browser = page.context().browser();
    if (!browser) throw new Error("The browser has gone.");
    const other = await openContext(browser, { locale: "en-US" });
    const elsewhere = await other.newPage();
    await visit(elsewhere, "/learn/2");
    await expect.poll(() => elsewhere.getByRole("checkbox", { name: /Compared the three curves/ }).isChecked()).toBe(true);
    await other.close();
    await box.uncheck();
    await expect.poll(() => box.isChecked()).toBe(false);
  });

  test("the browser had nothing to complain about", () => {
    expect(complaints).toEqual([]);
  });
});
