/** Lists that one can arrange: columns and their order over all rows, totals, rows of a data set found among all of them. */
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";

import { api } from "./support/api";
import { barriersOn, settled } from "./support/inspect";
import { MINUTE_MS } from "./support/patience";
import { visit } from "./support/studio";
import { walkThrough } from "./support/walk";

const BASE = "bundled:smollm2-135m-instruct";
/** Names that no run before has left in the studio. */
const MARK = `並べ替え ${Date.now()}`;
const NAMES = ["一", "二", "三"].map((name) => `${MARK} ${name}`);
const RANKS = [16, 4, 64];
/** Sixty rows of a table with a blank line, one of them very long, and two that contradict each other. */
const ROWS = Array.from({ length: 60 }, (_, place) => `質問${place + 1}番は何ですか？,答え${place + 1}です。${"はい。".repeat(place % 20)}`);

describe("lists", () => {
  let page: Page;
  let dataset: string;

  walkThrough("tables", (walk) => ({ page } = walk));
  beforeAll(async () => {
    const lines = ["instruction,output", ROWS[0], "", ...ROWS.slice(1, 58), "営業時間は？,9時からです。", "営業時間は?,10時からです。", `長い話を,${"とても長い話です。".repeat(150)}`];
    ({ id: dataset } = await api.addFile("tables.csv", lines.join("\n"), "探せるデータ"));
    for (const [place, name] of NAMES.entries()) {
      const { id } = await api.startJob({ name, recipe: "text_lora", base_model: BASE, dataset_id: dataset, config: { rank: RANKS[place] } });
      await api.cancel(id);
    }
  });

  const table = () => page.getByRole("table", { name: "学習の一覧" });
  const names = async () => (await table().getByRole("link", { name: /^並べ替え/ }).allInnerTexts()).map((name) => name.trim());

  test("a setting becomes a column, all rows are in its order, and both are there the next time", { timeout: MINUTE_MS }, async () => {
    await visit(page, `/training?q=${encodeURIComponent(MARK)}`);
    await page.getByRole("button", { name: "「学習の一覧」の列と CSV" }).click();
    await page.getByRole("menuitemcheckbox", { name: "ランク r" }).click();
    await page.keyboard.press("Escape");
    await table().getByRole("button", { name: "ランク r" }).click();
    await expect.poll(names).toEqual([NAMES[2], NAMES[0], NAMES[1]]);
    expect(new URL(page.url()).searchParams.get("sort")).toBe("-config.rank");
    expect(await page.locator("[data-totals]").innerText()).toContain("全 3 件");
    await page.reload();
    await expect.poll(names).toEqual([NAMES[2], NAMES[0], NAMES[1]]);
    await table().getByRole("columnheader", { name: "ランク r" }).waitFor();
    await settled(page);
    expect(await barriersOn(page)).toEqual([]);
    await page.getByRole("button", { name: "「学習の一覧」の列と CSV" }).click();
    await page.getByRole("menuitem", { name: "表を元に戻す" }).click();
    await expect.poll(names).toEqual([NAMES[2], NAMES[1], NAMES[0]]);
  });

  test("rows are found by their words, their length and their problem, and one goes to any of them", { timeout: 3 * MINUTE_MS }, async () => {
    await visit(page, `/datasets/${dataset}`);
    const grid = page.getByRole("grid", { name: /データの行/ });
    const rows = () => grid.locator("tbody tr");
    const tools = page.getByRole("search", { name: "行を探す" });
    await rows().nth(1).waitFor();
    expect(await rows().nth(1).innerText()).toMatch(/^2\s+4\s/); // row 2 stands in line 4 of the spreadsheet
    await tools.getByRole("searchbox").fill("答え57");
    await expect.poll(() => rows().count()).toBe(1);
    expect(await rows().first().innerText()).toContain("57");
    await tools.getByRole("searchbox").fill("");
    await tools.getByLabel("最小の文字数").fill("1000");
    await expect.poll(() => rows().count()).toBe(1);
    await page.getByRole("button", { name: "絞り込みを外す" }).click();
    await expect.poll(() => tools.getByLabel("最小の文字数").inputValue()).toBe("");
    await page.getByRole("button", { name: /^行を表示: 同じ質問に違う応答/ }).click();
    await expect.poll(() => rows().count()).toBe(2);
    expect(await grid.innerText()).toContain("10時から");
    await settled(page);
    expect(await barriersOn(page)).toEqual([]);
    await tools.getByLabel("行番号").fill("55");
    await tools.getByRole("button", { name: "移動" }).click();
    await grid.locator('tr[aria-selected="true"]').getByText("55", { exact: true }).waitFor();
  });

  test("one long row leaves the others their place in the histogram, which tells what most rows do not exceed", { timeout: MINUTE_MS }, async () => {
    await visit(page, `/datasets/${dataset}`);
    const chart = page.getByRole("group", { name: "長さごとの件数" });
    await chart.waitFor();
    const filled = await chart.getByRole("button", { disabled: false }).count();
    expect(filled).toBeGreaterThan(3);
    const card = page.getByRole("region").or(page.locator("section")).filter({ has: chart }).last();
    for (const words of ["中央値", "90% の行は", "最長", "目盛りを縮めています"]) expect(await card.innerText()).toContain(words);
  });
});
