/** A file of labelled messages, a classifier that was judged, deployed and asked: four clicks, on pages that know no recipe. */
import type { Locator, Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import { api } from "./support/api";
import { chartCard } from "./support/chart";
import { clicksOn } from "./support/clicks";
import { dropFile } from "./support/files";
import { barriersOn, settled } from "./support/inspect";
import { jobIdOf, stageBox, tilesOn } from "./support/pages";
import { MINUTE_MS } from "./support/patience";
import { keepPicture, visit } from "./support/studio";
import { untranslatedIn } from "./support/words";
import { walkThrough } from "./support/walk";

const MOST_CLICKS = 4;
const MESSAGES = new URL("../../backend/llmlora/recipes/text_classification/customer_messages_ja.csv", import.meta.url).pathname;
const NAME = "customer_messages_ja";
const ROWS = 160;
const CLASSES = 8;
/** A directory with a small encoder, which whoever runs the flow has made. */
const ENCODER = process.env.ENCODER ?? "";
const PARCEL = "荷物がまだ届きません";
const ENGLISH = { name: "llmlora_locale", value: "en" };
const INTERVAL = /\d\.\d+\s*[–〜-]\s*\d\.\d+/;

describe("from labelled messages to a prediction", () => {
  let page: Page;
  let complaints: string[];
  let jobId: string;
  let evaluation: string;

  walkThrough("classify", (walk) => ({ page, complaints } = walk));

  const heading = (name: string): Locator => page.getByRole("heading", { name, exact: true });
  const trying = (): Locator => page.getByRole("main").getByRole("link", { name: "試す", exact: true }).first();
  /** A picture of the page in both languages; nothing bars the way, no text stands in the other language. */
  const look = async (name: string): Promise<void> => {
    const path = page.url().slice(new URL(page.url()).origin.length);
    await settled(page);
    await keepPicture(page, name);
    expect(await barriersOn(page)).toEqual([]);
    await page.context().addCookies([{ ...ENGLISH, url: page.url() }]);
    await visit(page, path);
    await settled(page);
    await keepPicture(page, `${name}-en`);
    expect(untranslatedIn(await page.locator("body").innerText(), "en")).toEqual([]);
    expect(await barriersOn(page)).toEqual([]);
    await page.context().clearCookies({ name: ENGLISH.name });
    await visit(page, path);
  };

  test("a file with texts and labels is known for what it is", { timeout: MINUTE_MS }, async () => {
    await visit(page, "/datasets");
    await dropFile(page.getByText("データを追加").first(), MESSAGES);
    const item = page.getByRole("region", { name: `${NAME}.csv` });
    await item.getByText(`使用 ${ROWS}`).waitFor();
    expect(await item.innerText()).toContain("配送");
    await item.getByRole("button", { name: "保存" }).click();
  });

  test("its form asks for what a classifier takes, and nothing else", { timeout: MINUTE_MS }, async () => {
    await page.getByRole("link", { name: "このデータで学習" }).first().click();
    await heading("新しい学習").waitFor();
    await page.getByText(/エンコーダー（BERT 系）に学習させます/).waitFor();
    const base = page.getByRole("combobox", { name: /ベースモデル/ });
    expect(await base.inputValue()).toContain("minilm");
    await visit(page, `${page.url()}&base=${encodeURIComponent(`path:${ENCODER}`)}`); // as the list of models leads here
    await expect.poll(() => base.inputValue()).toContain(ENCODER.split("/").at(-1));
    expect(await page.getByRole("combobox", { name: "終わったら" }).innerText()).toContain("ONNX");
    expect(await page.getByRole("textbox", { name: /配信する文脈長/ }).count()).toBe(0);
    await settled(page);
    await keepPicture(page, "form");
    expect(await barriersOn(page)).toEqual([]);
    await page.getByRole("button", { name: "学習をはじめる" }).click();
    await page.waitForURL(/\/training\/job_/);
    jobId = jobIdOf(page);
  });

  test("it is trained, judged, exported and checked, and every gate is green", { timeout: 5 * MINUTE_MS }, async () => {
    await trying().waitFor({ timeout: 5 * MINUTE_MS });
    for (const step of ["学習", "評価"]) await expect.poll(() => stageBox(page, step).innerText()).toContain("完了");
    expect(Number((await tilesOn(page))["正解率"])).toBeGreaterThan(0);
    const gates = chartCard(page, "検査");
    await gates.getByText("合格", { exact: true }).first().waitFor();
    expect(await gates.getByText("不合格").count()).toBe(0);
  });

  test("it answers on the page where one tries it", { timeout: MINUTE_MS }, async () => {
    await trying().click();
    const text = page.getByRole("textbox", { name: "テキスト" });
    await text.fill(PARCEL);
    await page.keyboard.press("Control+Enter");
    await page.getByRole("main").getByRole("meter").first().waitFor();
    expect(await page.getByRole("main").getByRole("meter").count()).toBe(CLASSES);
    expect(await clicksOn(page)).toBeLessThanOrEqual(MOST_CLICKS);
    await look("playground");
  });

  test("its page leads to where it errs, figure by figure with its interval", { timeout: MINUTE_MS }, async () => {
    await visit(page, `/training/${jobId}`);
    for (const name of ["指標", "混同行列", "間違えた行", "クラスごとの行数"]) await heading(name).waitFor();
    expect(await page.getByRole("row", { name: /正解率/ }).innerText()).toMatch(INTERVAL);
    await look("job");
    await page.getByRole("link", { name: "評価を見る" }).click();
    await page.waitForURL(/\/evaluate\//);
    evaluation = jobIdOf(page);
    const accuracy = page.getByRole("row", { name: /正解率/ });
    expect(await accuracy.first().innerText()).toMatch(INTERVAL);
    await heading("混同行列").waitFor();
    expect(await page.locator("[data-cell]").count()).toBe(CLASSES ** 2);
    const mistakes = chartCard(page, "間違えた行").getByRole("listitem");
    const [first] = await mistakes.allInnerTexts();
    expect(first).toMatch(/正解[\s\S]*予測[\s\S]*確信度/);
    await look("evaluation");
  });

  test("it stands in the list, and two are compared, over their curves and over their mistakes", { timeout: 3 * MINUTE_MS }, async () => {
    const { inputs, config } = await api.job(jobId);
    const { id: second } = await api.startJob({
      recipe: "text_classification",
      name: "更新は三回",
      base_model: inputs.base_model,
      dataset_id: inputs.dataset_id,
      config: { ...config, max_steps: 3 },
    });
    await expect.poll(async () => (await api.job(second)).state, { timeout: 2 * MINUTE_MS }).toBe("completed");
    await visit(page, `/datasets/${inputs.dataset_id}`);
    await heading("クラスごとの行数").waitFor();
    await look("dataset");
    await visit(page, "/training");
    for (const name of [NAME, "更新は三回"]) await page.getByRole("row", { name: new RegExp(name) }).first().waitFor();
    await page.getByText("テキスト分類").first().waitFor();
    await keepPicture(page, "list");
    await visit(page, `/training/compare?ids=${jobId},${second}`);
    await heading("正解率").first().waitFor();
    await look("compared");
    const other = (await api.job(second)).evaluation_id;
    await visit(page, `/evaluate/${evaluation}?with=${other}`);
    await page.getByText(/同じ \d+ 行の結果どうしを比べています/).waitFor();
    await look("evaluations-compared");
  });

  test("the browser had nothing to complain about", () => {
    const asked = "/base-models/by-reference"; // whether the base is here already
    expect(complaints.filter((one) => !one.includes(asked))).toEqual([]);
  });
});
