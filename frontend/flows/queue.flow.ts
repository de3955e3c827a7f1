/** Several trainings in a line: stopping, going on, comparing, and what is said when one cannot be trained. */
import type { Locator, Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";

import { api } from "./support/api";
import { chartCard, rowsOf, showTable } from "./support/chart";
import { LESSON } from "./support/files";
import { drawnStep, jobIdOf } from "./support/pages";
import { MINUTE_MS } from "./support/patience";
import { walkThrough } from "./support/walk";
import { visit } from "./support/studio";

const BASE = "bundled:smollm2-135m-instruct";
const SMALL = { rank: 4, learning_rate: 0.002, schedule: "constant", warmup_ratio: 0, batch_size: 1 };

describe("a line of trainings", () => {
  let page: Page;
  let complaints: string[];
  let dataset: string;
  let first: string;

  walkThrough("queue", (walk) => ({ page, complaints } = walk));
  beforeAll(async () => {
    const rows = LESSON.map(({ question, answer }) => ({ instruction: question, output: answer }));
    dataset = (await api.addRows("順番のデータ", rows)).dataset.id;
  });

  const start = (name: string, config: object) =>
    api.startJob({ name, recipe: "text_lora", base_model: BASE, dataset_id: dataset, config: { ...SMALL, ...config } });
  const row = (name: string): Locator => page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });

  test("three trainings: one runs, two wait for their turn", { timeout: 3 * MINUTE_MS }, async () => {
    await visit(page, `/training/new?dataset=${dataset}&all=true`);
    await page.getByLabel("ジョブの名前").fill("先頭");
    for (const [label, value] of Object.entries({ "ランク r": "4", 学習率: "0.002", エポック数: "4", バッチサイズ: "1", チェックポイントの間隔: "2" })) {
      await page.getByLabel(label, { exact: true }).fill(value);
    }
    await choose(page, "終わったら", "デプロイしない");
    await page.getByRole("button", { name: "学習をはじめる" }).click();
    await page.waitForURL(/\/training\/job_/);
    first = jobIdOf(page);
    await start("二番", { max_steps: 6 });
    await start("三番", { max_steps: 6, rank: 8 });

    await page.getByRole("navigation").first().getByRole("link", { name: /^学習/ }).click();
    await row("先頭").getByText("実行中").waitFor();
    await row("二番").getByText("順番 1 / 2").waitFor();
    await row("三番").getByText("順番 2 / 2").waitFor();
  });

  test("the running one is stopped and keeps its checkpoint", { timeout: 4 * MINUTE_MS }, async () => {
    await row("先頭").getByRole("link", { name: "先頭" }).click();
    await expect.poll(() => drawnStep(chartCard(page, "損失")), { timeout: 3 * MINUTE_MS }).toBeGreaterThanOrEqual(3);
    await page.getByRole("button", { name: "中止…" }).click();
    const dialog = page.getByRole("dialog", { name: "この学習を中止しますか" });
    expect(await dialog.innerText()).toContain("先頭");
    await dialog.getByRole("button", { name: "中止して保存" }).click();
    await page.getByText("中止", { exact: true }).first().waitFor({ timeout: MINUTE_MS });
    expect(await api.checkpoints(first)).toBeGreaterThan(0);
  });

  test("it goes on from there in a training of its own", { timeout: 10 * MINUTE_MS }, async () => {
    const reached = await drawnStep(chartCard(page, "損失"));
    await page.getByRole("button", { name: "続きから再開" }).click();
    await page.waitForURL((url) => url.pathname.includes("job_") && !url.pathname.endsWith(first));
    const second = jobIdOf(page);
    const words = page.getByText(/「先頭」の再開 · ステップ \d+ の続きから/);
    const step = Number(/ステップ (\d+)/.exec(await words.innerText())?.[1]);
    expect(step).toBeGreaterThanOrEqual(2);
    expect(step).toBeLessThanOrEqual(reached + 1);
    await page.getByText("完了", { exact: true }).first().waitFor({ timeout: 10 * MINUTE_MS });
    const steps = (await rowsOf(await showTable(chartCard(page, "損失")))).map(([cell]) => Number(cell));
    const { progress } = await api.job(second);
    expect(steps[0]).toBe(progress?.total);
    expect(new Set(steps).size).toBe(steps.length);
  });

  test("two are compared: both curves, and only what differs", { timeout: 2 * MINUTE_MS }, async () => {
    await visit(page, "/training");
    for (const name of ["二番", "三番"]) {
      await row(name).getByText("完了").first().waitFor();
      await page.getByRole("checkbox", { name: `「${name}」を選ぶ` }).click();
    }
    await page.getByRole("toolbar", { name: "選んだ学習の操作" }).getByRole("link", { name: "比べる" }).click();
    await page.waitForURL(/\/training\/compare/);
    const loss = chartCard(page, "学習損失");
    await loss.getByRole("application").waitFor();
    const rows = await rowsOf(await showTable(loss));
    expect(rows).toHaveLength(6);
    expect(rows.every((cells) => cells.length === 3 && cells.every((cell) => cell !== ""))).toBe(true);
    const differences = await chartCard(page, "設定の違い").getByRole("row").allInnerTexts();
    expect(differences.map((one) => one.split(/\s+/).join(" "))).toEqual([expect.stringMatching(/二番.*三番|三番.*二番/), expect.stringMatching(/^ランク r (4 8|8 4)$/)]);
  });

  test("data that teaches nothing is refused with cause and cure", { timeout: 3 * MINUTE_MS }, async () => {
    const { id } = await start("短すぎる", { max_steps: 6, max_length: 8 });
    await visit(page, `/training/${id}`);
    const card = page.getByRole("alert").filter({ hasText: "入力に問題があります" });
    await card.waitFor({ timeout: 2 * MINUTE_MS });
    const words = await card.innerText();
    expect(words).toMatch(/最大長|max_length/);
    expect(words).toMatch(/してください|増やし|長く/);
    await card.getByRole("link", { name: "設定を変えて学習" }).click();
    await page.waitForURL(/\/training\/new\?from=/);
    await expect.poll(() => page.getByRole("textbox", { name: "最大長（トークン）" }).inputValue()).toBe("8");
  });

  test("the browser had nothing to complain about", () => {
    expect(complaints).toEqual([]);
  });
});

async function choose(page: Page, field: string, option: string): Promise<void> {
  await page.getByRole("combobox", { name: field }).click();
  await page.getByRole("option", { name: option }).click();
}
