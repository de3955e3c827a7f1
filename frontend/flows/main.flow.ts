/** From nothing to an answer that was taught: one file, four clicks, through a reload and the death of the trainer. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import { api } from "./support/api";
import { chartCard, rowsOf, showTable, stepIn } from "./support/chart";
import { clicksOn } from "./support/clicks";
import { dropFile, LESSON, writeExcelCsv } from "./support/files";
import { write } from "./support/keys";
import { drawnStep, jobIdOf, logOn, stageBox, tilesOn } from "./support/pages";
import { MINUTE_MS } from "./support/patience";
import { listening, STUDIO, visit } from "./support/studio";
import { walkThrough } from "./support/walk";

const MOST_CLICKS = 4;
/** A quarter of the way or so: late enough to see the loss fall, early enough to be interrupted twice. */
const SOME_STEPS = 3;
const NAME = "はじめての五問";

describe("from nothing to a tuned answer", () => {
  let page: Page;
  let complaints: string[];
  let jobId: string;

  walkThrough("main", (walk) => ({ page, complaints } = walk));

  test("an empty studio asks for a file, and takes one that is dropped", async () => {
    await visit(page, "/");
    await page.getByRole("heading", { name: "自分のファイルではじめる" }).waitFor();
    expect(await page.getByRole("link", { name: "講座をはじめる" }).getAttribute("href")).toBe("/learn/1");
    const target = page.getByText("質問と答えのファイルをここに置いてください").first();
    await dropFile(target, await writeExcelCsv(`${NAME}.csv`, LESSON));
    const item = page.getByRole("region", { name: `${NAME}.csv` });
    await item.getByText("使用 5").waitFor();
    expect(await item.innerText()).toMatch(/CP932/i);
    for (const { question, answer } of LESSON.slice(0, 3)) {
      expect(await item.innerText()).toContain(question);
      expect(await item.innerText()).toContain(answer);
    }
    await item.getByRole("button", { name: "保存" }).click();
  });

  test("the saved data leads to the start, with everything filled in", async () => {
    await page.getByRole("link", { name: "このデータで学習" }).first().click();
    await page.getByRole("heading", { name: "新しい学習" }).waitFor();
    await page.getByText("5 件 · 指示と応答").waitFor();
    await page.getByText("余裕あり").first().waitFor();
    await page.getByRole("button", { name: "学習をはじめる" }).click();
    await page.waitForURL(/\/training\/job_/);
    jobId = jobIdOf(page);
    await page.getByRole("heading", { level: 1, name: NAME }).waitFor();
  });

  test("the loss falls before one's eyes", { timeout: 8 * MINUTE_MS }, async () => {
    const card = chartCard(page, "損失");
    const seen = new Map<number, string>();
    await expect
      .poll(
        async () => {
          const step = await drawnStep(card);
          if (step > 0) seen.set(step, (await tilesOn(page))["学習損失"] ?? "");
          return seen.size;
        },
        { timeout: 7 * MINUTE_MS, interval: 200 },
      )
      .toBeGreaterThanOrEqual(SOME_STEPS);
    const steps = [...seen.keys()];
    expect(steps).toEqual(steps.toSorted((one, other) => one - other));
    expect(new Set(seen.values()).size).toBeGreaterThan(1);
  });

  test("a reload in the middle loses nothing", { timeout: 2 * MINUTE_MS }, async () => {
    const before = { rows: await rowsOf(await showTable(chartCard(page, "損失"))), log: await logOn(page) };
    await page.reload();
    await listening(page);
    await page.getByText("実行中").first().waitFor();
    const after = { rows: await rowsOf(await showTable(chartCard(page, "損失"))), log: await logOn(page) };
    expect(after.rows).toEqual(expect.arrayContaining(before.rows));
    expect(after.log).toEqual(expect.arrayContaining(before.log));
    expect(before.log.length).toBeGreaterThan(0);
    expect(await page.title()).toContain(NAME);
  });

  test("a trainer that is killed goes on from its checkpoint in a second attempt", { timeout: 10 * MINUTE_MS }, async () => {
    const card = chartCard(page, "損失");
    await expect.poll(() => api.checkpoints(jobId), { timeout: 4 * MINUTE_MS, interval: 100 }).toBeGreaterThan(0);
    const reached = await stepIn(await showTable(card));
    const { epoch } = await api.job(jobId);
    const pid = Number(await readFile(join(STUDIO.dataDir, "jobs", jobId, String(epoch), "pid"), "utf8"));
    process.kill(pid, "SIGKILL");
    await page.getByText(/2 回目の試行 · ステップ \d+ の続きから/).waitFor({ timeout: 2 * MINUTE_MS });
    await expect.poll(() => stepIn(card.getByRole("table")), { timeout: 6 * MINUTE_MS }).toBeGreaterThan(reached);
  });

  test("stages and gates end green, and every step stands there once", { timeout: 8 * MINUTE_MS }, async () => {
    await page.getByRole("link", { name: "チャットで試す" }).first().waitFor({ timeout: 8 * MINUTE_MS });
    for (const stage of ["学習", "GGUF 変換", "登録", "検査"]) {
      await expect.poll(() => stageBox(page, stage).innerText()).toContain("完了");
    }
    const gates = chartCard(page, "検査");
    expect(await gates.getByText("合格", { exact: true }).count()).toBe(2);
    expect(await gates.getByText("不合格").count()).toBe(0);

    const job = await api.job(jobId);
    expect(job.attempt).toBe(1);
    const rows = await rowsOf(await showTable(chartCard(page, "損失")));
    const steps = rows.map(([step]) => Number(step)).toReversed();
    expect(steps).toEqual(Array.from({ length: job.progress?.total ?? 0 }, (_, place) => place + 1));
    const losses = rows.map(([, loss]) => Number(loss)).toReversed();
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 10);
  });

  test("the tuned model answers as taught, the base beside it does not", { timeout: 3 * MINUTE_MS }, async () => {
    await page.getByRole("link", { name: "チャットで試す" }).first().click();
    await page.getByText("学習データの質問").waitFor();
    const [first] = LESSON;
    if (!first) throw new Error("The lesson is empty.");
    await write(page, first.question);
    await page.keyboard.press("Enter");
    const answers = page.getByRole("article");
    await expect.poll(() => answers.count()).toBe(2);
    await expect
      .poll(() => answers.evaluateAll((all) => all.map((one) => one.getAttribute("aria-busy"))), { timeout: 2 * MINUTE_MS })
      .toEqual(["false", "false"]);
    const [tuned, base] = await Promise.all([0, 1].map((place) => answers.nth(place).locator("p").first().innerText()));
    expect(tuned).toBe(first.answer);
    expect(base?.trim()).not.toBe("");
    expect(base).not.toContain(first.answer);
  });

  test(`it took no more than ${MOST_CLICKS} clicks, and the browser had nothing to complain about`, async () => {
    expect(await clicksOn(page)).toBeLessThanOrEqual(MOST_CLICKS);
    expect(complaints).toEqual([]);
  });
});
