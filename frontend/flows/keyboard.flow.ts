/** The same way without a mouse, up to a started training, and the end of it. */
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import { api } from "./support/api";
import { type Taught, writeExcelCsv } from "./support/files";
import { focusOn, tabTo } from "./support/keys";
import { jobIdOf } from "./support/pages";
import { MINUTE_MS } from "./support/patience";
import { walkThrough } from "./support/walk";
import { visit } from "./support/studio";

const TAUGHT: readonly Taught[] = [
  { question: "有給休暇の申請はいつまでですか？", answer: "取得日の三営業日前までです。" },
  { question: "会議室の予約はどこでしますか？", answer: "社内ポータルの予約表でします。" },
  { question: "経費の締め日はいつですか？", answer: "毎月二十五日です。" },
];

describe("without a mouse", () => {
  let page: Page;
  let complaints: string[];

  walkThrough("keyboard", (walk) => ({ page, complaints } = walk));

  test("the first stop leads past the menu to the page itself", async () => {
    await visit(page, "/");
    await page.getByRole("heading", { level: 1, name: "ホーム" }).waitFor();
    await tabTo(page, page.getByRole("link", { name: "本文へ移る" }));
    await page.keyboard.press("Enter");
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("main");
  });

  test("keys lead to the data, add a file and save it", async () => {
    await page.keyboard.press("g");
    await page.keyboard.press("d");
    await page.getByRole("heading", { level: 1, name: "データ" }).waitFor();
    await page.keyboard.press("a");
    await page.getByRole("heading", { name: "データを追加" }).waitFor();
    const asked = page.waitForEvent("filechooser"); // on the way, not just before Enter: a key can overtake the browser's being told
    await tabTo(page, page.getByRole("button", { name: "ファイルを選ぶ" }));
    await page.keyboard.press("Enter");
    await (await asked).setFiles(await writeExcelCsv("社内の質問.csv", TAUGHT));
    const item = page.getByRole("region", { name: "社内の質問.csv" });
    await item.getByText("使用 3").waitFor();
    await tabTo(page, item.getByRole("button", { name: "保存" }));
    await page.keyboard.press("Enter");
    const train = page.getByRole("link", { name: "このデータで学習" }).first();
    await train.waitFor();
    await tabTo(page, train);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "新しい学習" }).waitFor();
  });

  test("the form is filled in from stop to stop and started with Ctrl+Enter", async () => {
    await page.getByText("余裕あり").first().waitFor();
    const presets = page.getByRole("group", { name: "おすすめの設定" });
    await tabTo(page, presets.getByRole("button", { pressed: true }));
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    expect(await presets.getByRole("button", { pressed: true }).innerText()).toBe("ためす");
    const rank = page.getByLabel("ランク r", { exact: true });
    await tabTo(page, rank);
    await page.keyboard.press("Control+a");
    await page.keyboard.type("4");
    expect(await rank.inputValue()).toBe("4");
    await tabTo(page, page.getByLabel("ジョブの名前"));
    await page.keyboard.type("キーボードだけで");
    await tabTo(page, page.getByRole("button", { name: "学習をはじめる" }));
    await page.keyboard.press("Control+Enter");
    await page.waitForURL(/\/training\/job_/);
    await page.getByRole("heading", { level: 1, name: "キーボードだけで" }).waitFor();
    expect((await api.job(jobIdOf(page))).config["rank"]).toBe(4);
  });

  test("the running training is stopped through its dialog", { timeout: 2 * MINUTE_MS }, async () => {
    await page.getByText("実行中").first().waitFor();
    await tabTo(page, page.getByRole("button", { name: "中止…" }));
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    await tabTo(page, dialog.getByRole("button", { name: "中止して破棄" }));
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await expect.poll(() => focusOn(page)).not.toBeNull();
    await expect.poll(() => api.job(jobIdOf(page)).then(({ state }) => state), { timeout: MINUTE_MS }).toBe("cancelled");
    await page.getByText("中止", { exact: true }).first().waitFor();
    await expect.poll(() => focusOn(page)).not.toBeNull();
  });

  test("Enter that ends a composition does not send; the next one does", { timeout: 2 * MINUTE_MS }, async () => {
    await visit(page, "/chat");
    const question = page.getByRole("textbox", { name: "質問" });
    await question.waitFor();
    await expect.poll(() => page.getByRole("combobox", { name: "答えるモデル" }).innerText()).not.toBe("");
    await question.focus();
    const ime = await page.context().newCDPSession(page);
    await ime.send("Input.imeSetComposition", { text: "にほん", selectionStart: 3, selectionEnd: 3 });
    // As input methods pass the key on: “processed” (229), or as Enter itself; neither writes a character.
    for (const [key, windowsVirtualKeyCode] of [["Process", 229], ["Enter", 13]] as const) {
      await ime.send("Input.dispatchKeyEvent", { type: "rawKeyDown", key, code: "Enter", windowsVirtualKeyCode });
    }
    expect(await question.inputValue()).toBe("にほん");
    await ime.send("Input.insertText", { text: "日本の首都はどこですか？" });
    expect(await question.inputValue()).toBe("日本の首都はどこですか？");
    expect(await page.getByRole("article").count()).toBe(0);
    expect(new URL(page.url()).searchParams.get("session")).toBeNull();
    const send = page.getByRole("button", { name: "送信", exact: true });
    await expect.poll(() => send.isEnabled(), { timeout: MINUTE_MS }).toBe(true);
    await page.keyboard.press("Enter");
    await page.getByRole("article").first().waitFor();
    await expect.poll(() => question.inputValue()).toBe("");
  });

  test("the browser had nothing to complain about", () => {
    expect(complaints).toEqual([]);
  });
});
