/** Keeping order among many things: search, names, tags, notes, and deleting several, of which one is needed. */
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import { api } from "./support/api";
import { barriersOn } from "./support/inspect";
import { visit } from "./support/studio";
import { walkThrough } from "./support/walk";

const BASE = "bundled:smollm2-135m-instruct";
const MARK = `整頓${process.pid}`;
const rows = (n: number) => Array.from({ length: 3 }, (_, at) => ({ instruction: `${MARK} ${n} の ${at} は？`, output: `${at} です。` }));

describe("keeping order", () => {
  let page: Page;

  walkThrough("find", (walk) => ({ page } = walk));

  test("a data set gets a name, a tag and a note, and its list is narrowed by the tag", async () => {
    for (const n of [1, 2, 3]) await api.addRows(`${MARK} ${n}`, rows(n));
    await visit(page, `/datasets?q=${encodeURIComponent(MARK)}`);
    await page.getByRole("button", { name: `${MARK} 1 の操作` }).click();
    await page.getByRole("menuitem", { name: "名前・タグ・メモ…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("名前").fill(`${MARK} 改名`);
    await dialog.getByLabel("タグ", { exact: true }).fill("秋");
    await page.keyboard.press("Enter");
    await dialog.getByLabel("メモ").fill("覚え書き");
    expect(await barriersOn(page)).toEqual([]);
    await dialog.getByRole("button", { name: "保存" }).click();
    await page.getByRole("link", { name: `${MARK} 改名` }).waitFor();
    await page.getByRole("link", { name: "秋", exact: true }).first().click();
    await page.getByRole("button", { name: "タグ「秋」での絞り込みを解除" }).waitFor();
    await page.getByRole("link", { name: `${MARK} 2` }).waitFor({ state: "detached" });
  });

  test("the palette finds it by keyboard alone, in another width", async () => {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill(`${MARK.normalize("NFKC")}　改名`);
    await page.getByRole("option", { name: new RegExp(`${MARK} 改名`) }).waitFor();
    expect(await barriersOn(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: `${MARK} 改名` }).waitFor();
    await page.getByText("覚え書き").waitFor();
  });

  test("of three that are deleted together the one that a job needs stays, by its name and with its reason", async () => {
    const { data } = await api.datasets();
    const needed = data.find(({ name }) => name === `${MARK} 2`);
    const job = await api.startJob({ name: `${MARK} 学習`, recipe: "text_lora", base_model: BASE, dataset_id: needed?.id, config: { rank: 4 } });
    await visit(page, `/datasets?q=${encodeURIComponent(MARK)}`);
    await page.getByRole("checkbox", { name: `「${MARK} 3」を選ぶ` }).click();
    await page.getByRole("checkbox", { name: `「${MARK} 改名」を選ぶ` }).click({ modifiers: ["Shift"] });
    await page.getByRole("button", { name: "削除 3 件…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("残るもの").waitFor();
    await dialog.getByRole("link", { name: job.name }).waitFor();
    expect(await barriersOn(page)).toEqual([]);
    await dialog.getByRole("button", { name: "2 件を削除する" }).click();
    await page.getByText("2 件を削除しました").waitFor();
    await page.getByRole("link", { name: `${MARK} 3` }).waitFor({ state: "detached" });
    await page.goto("about:blank"); // what was not called back is sent as the page goes
    await expect.poll(async () => (await api.datasets()).data.filter(({ name }) => name.startsWith(MARK)).map(({ name }) => name)).toEqual([`${MARK} 2`]);
    await api.cancel(job.id);
  });

  test("of the conversations two that are chosen go together, and a third stays", async () => {
    for (const n of [1, 2, 3]) await api.addChatSession(`${MARK} 会話 ${n}`, [BASE]);
    await visit(page, "/chat");
    await page.getByRole("button", { name: `${MARK} 会話 1」の操作` }).click();
    await page.getByRole("menuitem", { name: "選ぶ", exact: true }).click();
    await page.getByRole("checkbox", { name: `${MARK} 会話 3` }).click();
    await page.getByRole("button", { name: "削除 2 件…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(`${MARK} 会話 3`).waitFor();
    expect(await barriersOn(page)).toEqual([]);
    await dialog.getByRole("button", { name: "2 件を削除する" }).click();
    await page.getByText("2 件を削除しました").waitFor();
    await page.goto("about:blank");
    await expect.poll(async () => (await api.chatSessions()).data.map(({ title }) => title).filter((title) => title.startsWith(MARK))).toEqual([`${MARK} 会話 2`]);
  });
});
