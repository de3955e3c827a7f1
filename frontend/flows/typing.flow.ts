/**
 * The fields that each page shows, and those behind its dialogs, as an input method writes in them: its keys are none of
 * the page's, and the page's own work afterwards. `controls` composes in every field that it comes upon.
 */
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { ja } from "../messages/ja";
import { api } from "./support/api";
import { type Came, composeIn, countKeys, type Field, FIELDS, fieldsOn, holdWrites, pressIn } from "./support/compose";
import { settled } from "./support/inspect";
import { MINUTE_MS, PATIENCE_MS } from "./support/patience";
import { keepPicture, openBrowser, openContext, STUDIO, visit } from "./support/studio";

const FILE_MS = 5 * MINUTE_MS;
const BROUGHT_MS = 3000;
const POLL_MS = 50;

/** What brings up fields that a page does not show at once. */
interface Way {
  name: string;
  go: (page: Page) => Promise<void>;
}

/** Where fields stand: an address, and what has to be done there to bring them up. */
interface Place {
  path: string;
  way?: Way;
}

const nameOf = ({ path, way }: Place) => `${path} ${way?.name ?? ""}`.trim();

/** What somebody expects of a key in a field, beside that a form is sent by Enter and a layer closed by Escape. */
const EXPECTED: Readonly<Record<string, { key: string; what: string; has: (came: Came) => boolean }>> = {
  [ja.chat.composer.label]: { key: "Enter", what: "the question is sent", has: ({ writes }) => writes.length > 0 },
  [ja.chat.question.edit]: { key: "Enter", what: "the question is sent again", has: ({ writes }) => writes.length > 0 },
  [ja.chat.sessions.name]: { key: "Enter", what: "the conversation gets its name", has: ({ writes }) => writes.some((one) => one.startsWith("PATCH")) },
  [ja.datasets.add.rows]: { key: "Control+Enter", what: "the rows are read", has: ({ hasClosed }) => hasClosed },
  [`${ja.newTraining.finish.name}${ja.ui.field.optional}`]: { key: "Control+Enter", what: "the training is started", has: ({ writes }) => writes.includes("POST /api/training/jobs") },
  [ja.nav.palette.title]: { key: "Enter", what: "what was found is done", has: ({ hasClosed }) => hasClosed },
};

describe("a word of an input method", () => {
  let browser: Browser;
  let page: Page;
  let pages: { path: string; ways: readonly Way[] }[];

  beforeAll(async () => {
    browser = await openBrowser();
    const context = await openContext(browser, { reducedMotion: "reduce" });
    await countKeys(context);
    await holdWrites(context, STUDIO.apiUrl);
    page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const [{ data: datasets }, { data: jobs }, session] = await Promise.all([api.datasets(), api.jobs(), api.chatSession()]);
    const [dataset, done] = [datasets[0], jobs.find(({ recipe, state }) => recipe === "text_lora" && state === "completed")];
    if (!dataset || !done || !session) throw new Error("Run main and keyboard first: this walks through what they leave.");
    const press = (name: string) => (on: Page) => on.getByRole("button", { name, exact: true }).first().click();
    pages = [
      { path: "/", ways: [{ name: "the palette", go: openPalette }] },
      { path: "/datasets?add=1", ways: [{ name: "rows to be pasted", go: press(ja.datasets.add.paste) }, { name: "a pasted file", go: pasteRows }] },
      { path: `/datasets/${dataset.id}`, ways: [] },
      { path: "/models", ways: [{ name: "a model to be added", go: press(ja.models.add.title) }] },
      { path: "/training", ways: [] },
      { path: `/training/new?dataset=${dataset.id}&all=true`, ways: [] },
      { path: `/training/${done.id}`, ways: [{ name: "an output to be made", go: press(ja.job.outputs.make) }] },
      { path: `/training/compare?ids=${done.id}`, ways: [] },
      {
        path: `/chat?session=${session.id}`,
        ways: [
          { name: "a question in other words", go: press(ja.chat.question.edit) },
          { name: "a conversation's name", go: rename },
          { name: "the settings of answers", go: press(ja.chat.settings.title) },
        ],
      },
      { path: "/learn", ways: [] },
      { path: "/learn/2", ways: [] },
      { path: "/system", ways: [] },
    ];
  });
  afterAll(() => browser.close());

  test("is ended by keys that come to nothing in any field", { timeout: FILE_MS }, async () => {
    const faults: string[] = [];
    const met: string[] = [];
    const walk = async (place: Place, fields: readonly Field[]) => {
      const begun = performance.now();
      const found = (await walkFields(page, place, fields)).map((fault) => `${nameOf(place)} ${fault}`);
      for (const fault of found) console.error(fault);
      if (found.length > 0) await keepPicture(page, `typing-${nameOf(place)}`);
      console.log(`${nameOf(place)}: ${fields.map(({ name }) => name).join(", ")} (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
      faults.push(...found);
      met.push(...fields.map(({ name }) => name));
    };
    const wanted = process.env.FLOW_PATHS?.split(" "); // by hand, for a page or two
    for (const { path, ways } of pages.filter(({ path }) => wanted?.some((one) => path.split("?")[0] === one) ?? true)) {
      const plain = await bring(page, { path });
      const known = new Set(plain.map(({ name }) => name));
      await walk({ path }, plain);
      for (const way of ways) {
        const behind = (await bring(page, { path, way })).filter(({ name }) => !known.has(name));
        await walk({ path, way }, behind);
        if (behind.length === 0) faults.push(`${path}: no field comes up by ${way.name}`);
      }
    }
    console.log(`${met.length} fields`);
    expect(faults).toEqual([]);
    expect(Object.keys(EXPECTED).filter((name) => !met.includes(name))).toEqual([]);
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
  for (let waited = 0; waited < BROUGHT_MS && (await fieldsOn(page)).length === before; waited += POLL_MS) await page.waitForTimeout(POLL_MS);
  return fieldsOn(page);
}

async function walkFields(page: Page, place: Place, fields: readonly Field[]): Promise<string[]> {
  const faults: string[] = [];
  for (const [at, { nth, name, ...around }] of fields.entries()) {
    const field = page.locator(FIELDS).nth(nth);
    const isThere = () => fieldsOn(page).then((now) => now.some((one) => one.nth === nth && one.name === name));
    if (!(await isThere())) await bring(page, place);
    if (!(await isThere())) {
      faults.push(`“${name}” is not there again`);
      continue;
    }
    const before = await field.evaluate((element) => ("value" in element ? String(element.value) : ""));
    const isLast = at === fields.length - 1; // a form is sent and a layer closed once
    const told = await composeIn(page, field);
    if (told.length === 0) told.push(...(await pressOwnKeys(page, field, { ...around, nth, name }, isLast)));
    faults.push(...told.map((fault) => `“${name}” ${fault}`));
    if (name in EXPECTED && !isLast) await bring(page, place);
    else if (!isLast) await field.fill(before);
  }
  return faults;
}

/** Press what means something in the field, and see that it comes. */
async function pressOwnKeys(page: Page, field: Locator, { name, isInForm, isInLayer, isCombobox }: Field, isLast: boolean): Promise<string[]> {
  const expected = EXPECTED[name];
  if (expected) {
    if (name === ja.nav.palette.title) await field.fill(ja.nav.pages.system);
    const came = await pressIn(page, field, expected.key, expected.has);
    return expected.has(came) ? [] : [`${expected.key} afterwards: not so: ${expected.what}`];
  }
  if (!isLast) return [];
  const faults: string[] = [];
  if (isInForm) {
    const came = await pressIn(page, field, "Enter", ({ submits }) => submits > 0);
    if (came.submits === 0) faults.push("Enter afterwards does not send the form");
  }
  if (isInLayer && (await field.count()) > 0) {
    let came = await pressIn(page, field, "Escape", ({ hasClosed }) => hasClosed || isCombobox);
    if (!came.hasClosed && isCombobox) came = await pressIn(page, field, "Escape", ({ hasClosed }) => hasClosed); // the first closed its list
    if (!came.hasClosed) faults.push("Escape afterwards does not close the layer");
  }
  return faults;
}

async function openPalette(page: Page): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.locator("[cmdk-item]").first().waitFor();
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
