/** A model that Ollama gets, is trained on, and gets back: four clicks, no command. Comes after the main flow, whose data it uses. */
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import { api } from "./support/api";
import { chartCard } from "./support/chart";
import { clicksOn } from "./support/clicks";
import { LESSON } from "./support/files";
import { jobIdOf, stageBox } from "./support/pages";
import { MINUTE_MS } from "./support/patience";
import { walkThrough } from "./support/walk";
import { visit } from "./support/studio";

const MOST_CLICKS = 4;
const BASE = "smollm2:135m";

describe("from Ollama and back", () => {
  let page: Page;
  let complaints: string[];

  walkThrough("ollama", (walk) => ({ page, complaints } = walk));

  test("a name and Enter bring a model", { timeout: 4 * MINUTE_MS }, async () => {
    await visit(page, "/models");
    const name = page.getByRole("textbox", { name: "モデルを取得" });
    await name.click();
    await name.fill(BASE);
    await page.keyboard.press("Enter");
    const row = page.getByRole("row", { name: new RegExp(BASE) });
    await row.getByText("使えます").waitFor({ timeout: 3 * MINUTE_MS });
    await row.getByRole("link", { name: "学習" }).click();
  });

  test("its weights are the base, and Ollama is where the model goes", { timeout: 2 * MINUTE_MS }, async () => {
    await page.getByRole("heading", { name: "新しい学習" }).waitFor();
    await page.getByText("Ollama に登録し、同じ答えを返すか検査して").waitFor();
    const start = page.getByRole("button", { name: "学習をはじめる" });
    await expect.poll(() => start.isEnabled(), { timeout: MINUTE_MS }).toBe(true);
    await start.click();
    await page.waitForURL(/\/training\/job_/);
  });

  test("every stage ends green, and all three gates with it", { timeout: 10 * MINUTE_MS }, async () => {
    await page.getByRole("link", { name: "チャットで試す" }).first().waitFor({ timeout: 9 * MINUTE_MS });
    for (const stage of ["学習", "GGUF 変換", "登録", "検査"]) {
      await expect.poll(() => stageBox(page, stage).innerText()).toContain("完了");
    }
    const gates = chartCard(page, "検査");
    expect(await gates.getByText("合格", { exact: true }).count()).toBe(3);
    const job = await api.job(jobIdOf(page));
    const { data } = await api.deployments();
    const mine = data.find((one) => one.training_job_id === job.id);
    expect(mine?.target).toBe("ollama");
    expect(mine?.tag?.seal?.["base_reference"]).toMatch(new RegExp(`^ollama:${BASE}@`));
  });

  test("the model in Ollama answers as taught", { timeout: 3 * MINUTE_MS }, async () => {
    await page.getByRole("link", { name: "チャットで試す" }).first().click();
    await page.getByText("学習データの質問").waitFor();
    const [first] = LESSON;
    if (!first) throw new Error("The lesson is empty.");
    await page.getByRole("textbox", { name: "質問" }).focus();
    await page.keyboard.type(first.question);
    await page.keyboard.press("Enter");
    const answer = page.getByRole("article").first();
    await expect.poll(() => answer.getAttribute("aria-busy"), { timeout: 2 * MINUTE_MS }).toBe("false");
    expect(await answer.locator("p").first().innerText()).toBe(first.answer);
  });

  test(`it took no more than ${MOST_CLICKS} clicks, and the browser had nothing to complain about`, async () => {
    expect(await clicksOn(page)).toBeLessThanOrEqual(MOST_CLICKS);
    expect(complaints).toEqual([]);
  });
});
