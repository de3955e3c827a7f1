/** A recipe and a kind of data that no page knows: what is drawn of them comes from what the API declares. */
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import { api } from "./support/api";
import { chartCard } from "./support/chart";
import { barriersOn } from "./support/inspect";
import { jobIdOf, stageBox, tilesOn } from "./support/pages";
import { MINUTE_MS } from "./support/patience";
import { keepPicture, visit } from "./support/studio";
import { walkThrough } from "./support/walk";

const DATASET = process.env.DATASET ?? "";
const ENGLISH = { name: "llmlora_locale", value: "en" };

const passes = (page: Page) => page.getByRole("textbox", { name: "写真を見る回数" });

describe("a recipe that no page knows", () => {
  let page: Page;
  let complaints: string[];

  walkThrough("recipes", (walk) => ({ page, complaints } = walk));

  test("its data shows field by field, photos as photos", { timeout: MINUTE_MS }, async () => {
    await visit(page, `/datasets/${DATASET}`);
    await page.getByText("色と写真").first().waitFor();
    const photo = page.getByRole("region").getByRole("img", { name: "photo" });
    await expect.poll(() => photo.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
    await page.getByRole("row", { name: /green/ }).click();
    await expect.poll(() => page.getByRole("definition").allInnerTexts()).toContain("green");
    await keepPicture(page, "dataset");
    expect(await barriersOn(page)).toEqual([]);
  });

  test("its form is drawn from its schema, and starts it", { timeout: MINUTE_MS }, async () => {
    await page.getByRole("link", { name: "このデータで学習" }).click();
    await page.getByText("写真から、色の平均を覚えます。").waitFor();
    await passes(page).fill("0");
    await page.getByRole("button", { name: "学習をはじめる" }).click();
    expect(await passes(page).getAttribute("aria-invalid")).toBe("true");
    await passes(page).fill("6");
    expect(await page.getByRole("combobox", { name: "ベースモデル" }).count()).toBe(0);
    expect(await page.getByRole("combobox", { name: "終わったら" }).count()).toBe(0);
    await page.getByRole("textbox", { name: "ジョブの名前" }).fill("palette one");
    await keepPicture(page, "form");
    expect(await barriersOn(page)).toEqual([]);
    await page.getByRole("button", { name: "学習をはじめる" }).click();
    await page.waitForURL(/\/training\/job_/);
  });

  test("its page has its stages, figures, curves and report", { timeout: MINUTE_MS }, async () => {
    await stageBox(page, "配色").getByText("完了").waitFor({ timeout: MINUTE_MS });
    await expect.poll(async () => (await tilesOn(page))["色の距離"]).toBe("3.98");
    await expect.poll(async () => (await tilesOn(page))["色の広がり（最大）"]).toBe("3.00");
    for (const title of ["色の距離", "色の広がり"]) await chartCard(page, title).waitFor();
    expect(await chartCard(page, "パレット").innerText()).toContain("rgb");
    await page.getByText("写真を見る回数: 6").waitFor();
    await keepPicture(page, "job");
    expect(await barriersOn(page)).toEqual([]);
  });

  test("it speaks both languages", { timeout: MINUTE_MS }, async () => {
    await page.context().addCookies([{ ...ENGLISH, url: page.url() }]);
    await visit(page, new URL(page.url()).pathname);
    for (const words of ["Distance of colours", "Palette", "Mean colour"]) await page.getByText(words).first().waitFor();
    await keepPicture(page, "job-en");
    await page.context().clearCookies({ name: ENGLISH.name });
  });

  test("it stands in the list, and two of its jobs are compared", { timeout: MINUTE_MS }, async () => {
    const first = jobIdOf(page);
    const { id: second } = await api.startJob({ recipe: (await api.job(first)).recipe, name: "palette two", dataset_id: DATASET, config: { passes: 3 } });
    await expect.poll(async () => (await api.job(second)).state, { timeout: MINUTE_MS }).toBe("completed");
    await visit(page, "/training");
    for (const name of ["palette one", "palette two"]) await page.getByRole("row", { name: new RegExp(name) }).waitFor();
    await page.getByText("色の平均").first().waitFor();
    await keepPicture(page, "list");
    await visit(page, `/training/compare?ids=${first},${second}`);
    await page.getByRole("heading", { name: "色の距離" }).first().waitFor();
    await keepPicture(page, "compared");
    expect(complaints).toEqual([]);
  });
});
