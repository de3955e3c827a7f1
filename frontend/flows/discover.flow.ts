/** A base model for whoever knows no names: recommended with whether it fits, or found on the hub, imported, and chosen. Comes after the main flow. */
import type { Locator, Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import { barriersOn, faultsOn, lateReadsOf, measureShift, openSettled, settled } from "./support/inspect";
import { MINUTE_MS } from "./support/patience";
import { STUDIO } from "./support/studio";
import { walkThrough } from "./support/walk";

/** In the hub beside the studio (tests/e2e/test_long_flows.py), which also answers “busy” with 429. */
const TINY = "hf:studio/tiny-ja";

describe("a base model that fits", () => {
  let page: Page;
  let complaints: string[];

  walkThrough("discover", (walk) => ({ page, complaints } = walk));

  const item = (reference: string): Locator => page.locator(`[data-reference="${reference}"]`);
  const faults = async () => [...(await settled(page)), ...(await faultsOn(page, "ja")), ...(await barriersOn(page))];

  test("recommended ones say whether they fit before anything is downloaded", { timeout: MINUTE_MS }, async () => {
    await measureShift(page.context());
    const late = lateReadsOf(page, STUDIO.apiUrl);
    expect(await openSettled(page, "/models/find")).toEqual([]);
    expect(late()).toEqual([]);
    expect(await faults()).toEqual([]);
    const bundled = item("bundled:smollm2-135m-instruct");
    expect(await bundled.innerText()).toMatch(/学習\s+必要 [\d.]+ GB\s+(余裕あり|余裕なし|足りない)/);
    expect(await bundled.getByRole("link", { name: "SmolLM2 135M を学習に使う" }).getAttribute("href")).toContain("base=bundled");
    const all = await page.locator("[data-reference]").count();
    await page.getByRole("switch", { name: "日本語が得意" }).check();
    await expect.poll(() => page.locator("[data-reference]").count()).toBeLessThan(all);
    expect(await page.locator("[data-reference]").first().innerText()).toContain("日本語が得意");
  });

  test("the hub is asked by name, and a model says whether it fits", { timeout: MINUTE_MS }, async () => {
    await page.getByRole("tab", { name: "Hugging Face で探す" }).click();
    await page.getByText("名前の一部を入力するか").waitFor();
    await page.getByRole("searchbox", { name: "名前で探す" }).fill("tiny");
    const found = item(TINY);
    await found.getByText("余裕あり").first().waitFor();
    expect(await found.innerText()).toContain("MIT");
    expect(await faults()).toEqual([]);
  });

  test("a hub that is busy says so beside what was found", { timeout: MINUTE_MS }, async () => {
    const name = page.getByRole("searchbox", { name: "名前で探す" });
    await name.fill("busy");
    const refused = page.locator("[data-code=hub_search_rate_limited]");
    await refused.waitFor();
    expect(await refused.innerText()).toContain("42 秒");
    expect(await item(TINY).isVisible()).toBe(true);
    complaints.splice(0); // of the 503
    await name.fill("tiny");
    await item(TINY).waitFor();
    await refused.waitFor({ state: "detached" });
  });

  test("one press imports it, the next chooses it for a training", { timeout: 3 * MINUTE_MS }, async () => {
    await item(TINY).getByRole("button", { name: "tiny-ja を取り込む" }).click();
    const train = item(TINY).getByRole("link", { name: "tiny-ja を学習に使う" });
    await train.waitFor({ timeout: 2 * MINUTE_MS });
    complaints.splice(0); // of the 404: whether it is here already was asked first
    await train.click();
    await page.waitForURL(/\/training\/new\?base=/);
    const base = page.getByRole("combobox", { name: /ベースモデル/ });
    await expect.poll(() => base.inputValue()).toContain("studio/tiny-ja");
    await base.click();
    await page.getByRole("option", { name: /smollm2-135m-instruct.*(余裕あり|余裕なし|メモリ不足)/ }).waitFor();
    expect(complaints).toEqual([]);
  });
});
