/** Every field of every page, as an input method writes in it: its keys are none of the page's, and the page's own work afterwards. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { ja } from "../messages/ja";
import { api } from "./support/api";
import { type Came, composeIn, type Field, FIELDS, fieldsOn, pressIn, watchKeys } from "./support/compose";
import { settled } from "./support/inspect";
import { keepPicture, openBrowser, openContext, STUDIO, visit } from "./support/studio";

const FILE_MS = 300_000;
const PATIENCE_MS = 30_000;
const LONG_LISTS_MS = 5000;

/** Where fields stand: an address, and what has to be done there to bring them up. */
interface Place {
  path: string;
  way?: { name: string; go: (page: Page) => Promise<void> };
}

/** What somebody expects of a key in a field, beside that a form is sent by Enter and a layer closed by Escape. */
const EXPECTED: Readonly<Record<string, { key: string; what: string; has: (came: Came) => boolean }>> = {
  [ja.chat.composer.label]: { key: "Enter", what: "the question is sent", has: ({ writes }) => writes.length > 0 },
  [ja.chat.question.edit]: { key: "Enter", what: "the question is sent again", has: ({ writes }) => writes.length > 0 },
  [ja.chat.sessions.name]: { key: "Enter", what: "the conversation gets its name", has: ({ writes }) => writes.some((one) => one.startsWith("PATCH")) },
  [ja.datasets.add.rows]: { key: "Control+Enter", what: "the rows are read", has: ({ hasClosed }) => hasClosed },
  [ja.newTraining.finish.name]: { key: "Control+Enter", what: "the training is started", has: ({ writes }) => writes.includes("POST /api/training/jobs") },
  [ja.nav.palette.placeholder]: { key: "Enter", what: "what was found is done", has: ({ hasClosed }) => hasClosed },
};

describe("a word of an input method", () => {
  let browser: Browser;
  let page: Page;
  let places: Place[];

  beforeAll(async () => {
    browser = await openBrowser();
    const context = await openContext(browser, { reducedMotion: "reduce" });
    await watchKeys(context, STUDIO.apiUrl);
    page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const [{ data: datasets }, { data: jobs }, session] = await Promise.all([api.datasets(), api.jobs(), api.chatSession()]);
    const [dataset, done] = [datasets[0], jobs.find(({ recipe, state }) => recipe === "text_lora" && state === "completed")];
    if (!dataset || !done || !session) throw new Error("Run main and keyboard first: this walks through what they leave.");
    const chat = `/chat?session=${session.id}`;
    const press = (name: string) => (on: Page) => on.getByRole("button", { name, exact: true }).first().click();
    places = [
      { path: "/" },
      { path: "/datasets" },
      { path: "/datasets?add=1", way: { name: "rows to be pasted", go: press(ja.datasets.add.paste) } },
      { path: "/datasets?add=1", way: { name: "a pasted file", go: pasteRows } },
      { path: `/datasets/${dataset.id}` },
      { path: "/models" },
      { path: "/training" },
      { path: `/training/new?dataset=${dataset.id}&all=true` },
      { path: `/training/${done.id}` },
      { path: `/training/${done.id}?tab=log` },
      { path: `/training/compare?ids=${done.id}` },
      { path: chat },
      { path: chat, way: { name: "a question in other words", go: press(ja.chat.question.edit) } },
      { path: chat, way: { name: "a conversation's name", go: rename } },
      { path: "/system" },
    ];
  });
  afterAll(() => browser.close());

  test("is ended by keys that come to nothing in any field", { timeout: FILE_MS }, async () => {
    const faults: string[] = [];
    const met = new Set<string>();
    const isFrameSeen = { is: false };
    let walked = 0;
    for (const place of places) {
      for (const one of [place, ...(place.way ? [] : await layersOf(page, place, isFrameSeen))]) {
        const begun = performance.now();
        const fields = await bring(page, one);
        const told = await walkFields(page, one, fields);
        for (const { name } of fields) met.add(name);
        walked += fields.length;
        if (told.length > 0) await keepPicture(page, `typing-${one.path}-${one.way?.name ?? ""}`);
        console.log(`${one.path} ${one.way?.name ?? ""}: ${fields.map(({ name }) => name).join(", ")} (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
        faults.push(...told.map((fault) => `${one.path} ${one.way?.name ?? ""} ${fault}`));
      }
    }
    console.log(`${walked} fields`);
    expect(faults).toEqual([]);
    expect(Object.keys(EXPECTED).filter((name) => !met.has(name))).toEqual([]);
  });
});

test("keys of single characters that are switched off stand in no menu, hint or list", async () => {
  const browser = await openBrowser();
  const context = await openContext(browser);
  const page = await context.newPage();
  const keysShown = async () => {
    await visit(page, "/training");
    await settled(page);
    await page.getByRole("button", { name: /の操作$/ }).last().click();
    await page.getByRole("menuitem").first().waitFor();
    const inMenu = await page.locator("kbd").allInnerTexts();
    await page.keyboard.press("Escape");
    await page.getByRole("menu").waitFor({ state: "detached" });
    await openPalette(page);
    const told = await page.locator("[aria-keyshortcuts]").evaluateAll((all) => all.map((one) => one.getAttribute("aria-keyshortcuts") ?? ""));
    return [...inMenu, ...(await page.locator("kbd").allInnerTexts()), ...told].filter((one) => one.length === 1);
  };
  const whileOn = await keysShown();
  await page.evaluate(() => localStorage.setItem("llmlora_character_keys", "off"));
  const whileOff = await keysShown();
  await browser.close();
  expect(whileOn).toContain("X"); // of the menu
  expect(whileOn).toContain("n"); // of those who listen
  expect(whileOff.filter((key) => key !== "K")).toEqual([]); // Ctrl + K
});

/** The place as it is first, and the fields that it shows. */
async function bring(page: Page, { path, way }: Place): Promise<Field[]> {
  await page.evaluate(() => sessionStorage.clear()).catch(() => undefined); // drafts of the field before
  await visit(page, path);
  await settled(page);
  if (!way) return fieldsOn(page);
  const before = (await fieldsOn(page)).length;
  await way.go(page);
  await expect.poll(async () => (await fieldsOn(page)).length !== before || (await layerCount(page)) > 0, { timeout: LONG_LISTS_MS }).toBe(true).catch(() => undefined);
  return fieldsOn(page);
}

async function walkFields(page: Page, place: Place, fields: readonly Field[]): Promise<string[]> {
  const faults: string[] = [];
  let isFresh = true;
  for (const { nth, name } of fields) {
    if (!isFresh) await bring(page, place);
    const field = page.locator(FIELDS).nth(nth);
    const one = (await fieldsOn(page)).find((now) => now.nth === nth && now.name === name);
    if (!one) {
      faults.push(`“${name}” is not there again`);
      continue;
    }
    const before = await field.evaluate((element) => ("value" in element ? String(element.value) : ""));
    faults.push(...(await composeIn(page, field)).map((fault) => `“${name}” ${fault}`));
    const here = page.url();
    const [failed, hasActed] = await useOwnKeys(page, field, one);
    faults.push(...failed.map((fault) => `“${name}” ${fault}`));
    isFresh = !hasActed && new URL(page.url()).pathname === new URL(here).pathname;
    if (isFresh) await field.fill(before);
  }
  return faults;
}

/** Press what means something in the field. The second answer: whether something came of it. */
async function useOwnKeys(page: Page, field: ReturnType<Page["locator"]>, { name, isInForm, isInLayer, isCombobox }: Field): Promise<[string[], boolean]> {
  const expected = EXPECTED[name];
  if (expected) {
    if (name === ja.nav.palette.placeholder) await field.fill(ja.nav.pages.system);
    const came = await pressIn(page, field, expected.key, expected.has);
    return [expected.has(came) ? [] : [`${expected.key} afterwards: not so: ${expected.what}`], true];
  }
  const faults: string[] = [];
  if (isInForm) {
    const came = await pressIn(page, field, "Enter", ({ submits }) => submits > 0);
    if (came.submits === 0) faults.push("Enter afterwards does not send the form");
  }
  if (isInLayer && (await field.count()) > 0) {
    if (isCombobox) await field.press("Escape");
    const came = await pressIn(page, field, "Escape", ({ hasClosed }) => hasClosed);
    if (!came.hasClosed) faults.push("Escape afterwards does not close the layer");
  }
  return [faults, isInForm || isInLayer];
}

/** What lies behind a place's buttons that open a layer, and behind its own actions in the palette, where fields stand in it. */
async function layersOf(page: Page, { path }: Place, isFrameSeen: { is: boolean }): Promise<Place[]> {
  await visit(page, path);
  await settled(page);
  const within = isFrameSeen.is ? "main " : "";
  isFrameSeen.is = true;
  const openers = page.locator(`${within}[aria-haspopup=dialog]`).filter({ visible: true });
  const names = await openers.evaluateAll((all) => all.map((one) => one.getAttribute("aria-label") ?? (one as HTMLElement).innerText));
  const actions = await pageActions(page);
  const ways = [
    ...names.map((name, nth) => ({ name, go: (on: Page) => on.locator(`${within}[aria-haspopup=dialog]`).filter({ visible: true }).nth(nth).click() })),
    ...actions.map((id) => ({ name: id, go: (on: Page) => runAction(on, id) })),
  ];
  const found: Place[] = [];
  for (const way of ways) {
    const before = (await fieldsOn(page)).map(({ name }) => name).join();
    await way.go(page);
    await page.waitForTimeout(300);
    const isHere = new URL(page.url()).pathname === new URL(path, STUDIO.pagesUrl).pathname;
    const after = await fieldsOn(page);
    const hasMore = isHere && after.length > 0 && after.map(({ name }) => name).join() !== before;
    if (hasMore) found.push({ path, way });
    if (hasMore || !isHere || (await layerCount(page)) > 0) {
      await visit(page, path);
      await settled(page);
    }
  }
  return found;
}

function layerCount(page: Page): Promise<number> {
  return page.locator("[role=dialog], [role=alertdialog]").filter({ visible: true }).count();
}

const ITEMS = "[cmdk-group] [cmdk-item]";

/** The palette's own actions of a page, by their ids. */
async function pageActions(page: Page): Promise<string[]> {
  await openPalette(page);
  const ids = await page.locator(ITEMS).evaluateAll((all) => all.map((one) => one.getAttribute("data-value") ?? ""));
  await page.keyboard.press("Escape");
  await expect.poll(() => layerCount(page)).toBe(0);
  return ids.filter((id) => !/^(go|theme|language|palette|shortcuts)\b/.test(id));
}

async function runAction(page: Page, id: string): Promise<void> {
  await openPalette(page);
  await page.locator(`[cmdk-item][data-value="${id}"]`).click();
}

async function openPalette(page: Page): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.locator(ITEMS).first().waitFor();
}

async function pasteRows(page: Page): Promise<void> {
  await page.getByRole("button", { name: ja.datasets.add.paste, exact: true }).click();
  await page.getByRole("textbox", { name: ja.datasets.add.rows }).fill("指示,応答\n空の色は？,青です。");
  await page.getByRole("button", { name: ja.datasets.add.pasteCheck }).click();
  await page.getByRole("textbox", { name: ja.datasets.item.name }).waitFor();
}

async function rename(page: Page): Promise<void> {
  await page.getByRole("complementary", { name: ja.chat.sessions.title }).getByRole("button", { name: /の操作$/ }).first().click();
  await page.getByRole("menuitem", { name: ja.chat.sessions.rename }).click();
  await page.getByRole("textbox", { name: ja.chat.sessions.name }).waitFor();
}
