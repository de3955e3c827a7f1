/** Every page in both languages, both themes and three widths: nothing overflows, jumps, complains or bars anyone. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { ja } from "../messages/ja";
import { api } from "./support/api";
import { misplacedOn } from "./support/geometry";
import { barriersOn, faultsOn, lateReadsOf, measureShift, openSettled, settled, tooMuchCodeOn } from "./support/inspect";
import { BREAKING_OUT, FILE_NAMES, turnedOn } from "./support/names";
import { MINUTE_MS } from "./support/patience";
import { complaintsOf, keepPicture, openBrowser, openContext, STUDIO } from "./support/studio";

const LANGUAGES = ["ja", "en"] as const;
const WIDE = { width: 1440, height: 900 };
const TABLET = { width: 1024, height: 768 };
const PHONE = { width: 390, height: 844 };
/** Every page comes up in both themes, wide and on a phone; else its window and its theme change while it is open. */
const LOOKS = {
  ja: [
    { size: WIDE, colorScheme: "light", isOpened: true },
    { size: WIDE, colorScheme: "dark", isOpened: false },
    { size: TABLET, colorScheme: "light", isOpened: false },
    { size: PHONE, colorScheme: "light", isOpened: true },
  ],
  en: [
    { size: WIDE, colorScheme: "dark", isOpened: true },
    { size: WIDE, colorScheme: "light", isOpened: false },
    { size: TABLET, colorScheme: "light", isOpened: false },
    { size: PHONE, colorScheme: "dark", isOpened: false },
  ],
} as const;
const BASE = "bundled:smollm2-135m-instruct";
const NOWHERE = "/no-such-page";
const FILE_MS = 7 * MINUTE_MS;

describe("every page", () => {
  let browser: Browser;
  let paths: string[];
  /** A word of the data that stands on a page. */
  let shown: [path: string, word: string][];

  beforeAll(async () => {
    browser = await openBrowser();
    const [{ data: datasets }, { data: jobs }, { data: deployments }] = await Promise.all([api.datasets(), api.jobs(), api.deployments()]);
    const trainings = jobs.filter(({ recipe }) => recipe === "text_lora");
    const tuned = trainings.find(({ id }) => id === deployments[0]?.training_job_id) ?? trainings[0];
    const failed = trainings.find(({ state }) => state === "failed");
    const compared = trainings.slice(0, 2).map(({ id }) => id);
    paths = [
      "/",
      "/datasets",
      ...datasets.slice(0, 1).map(({ id }) => `/datasets/${id}`),
      "/models",
      "/training",
      "/training/new",
      ...[tuned, failed].flatMap((job) => (job ? [`/training/${job.id}`] : [])),
      `/training/compare?ids=${compared.join(",")}`,
      deployments[0] ? `/chat?model=${encodeURIComponent(deployments[0].name)}` : "/chat",
      "/learn",
      "/learn/1",
      "/system",
      NOWHERE,
    ];
    const [dataset, newest, ended] = [datasets[0], trainings[0], jobs.find(({ finished_at }) => finished_at !== null)];
    if (!dataset || !newest || !tuned || !ended) throw new Error("The studio has no training yet.");
    shown = [
      ["/", newest.name],
      ["/datasets", dataset.name],
      [`/datasets/${dataset.id}`, dataset.name],
      ["/training", newest.name],
      [`/training/${tuned.id}`, tuned.name],
      [`/training/compare?ids=${tuned.id}`, tuned.name],
      ["/learn", "はじめての LoRA"],
      ["/learn/1", "わざと 1 周だけ学習する"],
      ["/system", ended.name],
      ...deployments.slice(0, 1).flatMap(({ name }): [string, string][] => [["/models", name.split(":").slice(-2).join(":")], ["/chat", name.split(":").slice(-2).join(":")]]),
    ];
  });
  afterAll(() => browser.close());

  test("arrives with its data, before any script has run", async () => {
    for (const [path, word] of shown) {
      const page = await fetch(STUDIO.pagesUrl + path, { headers: { accept: "text/html" } });
      const drawn = (await page.text()).replace(/<script.*?<\/script>/gs, "");
      expect(drawn.includes(word), `${path}: ${word}`).toBe(true);
    }
  });

  test.each(LANGUAGES)("in %s", { timeout: FILE_MS }, async (language) => {
    const context = await openContext(browser, { locale: language === "ja" ? "ja-JP" : "en-US", reducedMotion: "reduce" });
    await measureShift(context);
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    const lateReads = lateReadsOf(page, STUDIO.apiUrl);
    const faults: string[] = [];
    for (const path of paths) {
      for (const { size, colorScheme, isOpened } of LOOKS[language]) {
        await page.setViewportSize(size);
        await page.emulateMedia({ colorScheme });
        const found = isOpened ? await openSettled(page, path) : await settled(page);
        if (isOpened) found.push(...(await tooMuchCodeOn(page, path)));
        found.push(...(await faultsOn(page, language)), ...(await misplacedOn(page)));
        if (size === WIDE) found.push(...(await barriersOn(page)));
        if (isOpened && path !== NOWHERE) found.push(...(await readsAskedAlways(page, path, lateReads)));
        found.push(...complaints.splice(0).filter((one) => !isMissingDocument(one)));
        faults.push(...found.map((one) => `${path} ${size.width} px: ${one}`));
        for (const one of found) console.error(`${path} ${size.width} ${colorScheme} ${language}: ${one}`);
        if (found.length > 0) await keepPicture(page, `visual-${path}-${size.width}-${colorScheme}-${language}`);
      }
    }
    await context.close();
    expect(faults).toEqual([]);
  });
});

describe("names people gave", () => {
  const TURNING = FILE_NAMES.find((name) => name.startsWith("\u202e")) ?? "";
  const MOST_LETTERS = 200;
  let browser: Browser;
  let paths: string[];
  let asked: string[];

  beforeAll(async () => {
    browser = await openBrowser();
    const files: string[] = [];
    for (const [place, name] of [...FILE_NAMES, BREAKING_OUT].entries()) {
      files.push((await api.addFile(name, `instruction,output\n名前 ${place},はい。\n`, name.trim().slice(0, MOST_LETTERS))).id);
    }
    const long = FILE_NAMES.findIndex(({ length }) => length > MOST_LETTERS);
    const [turning, breaking] = [files[FILE_NAMES.indexOf(TURNING)] ?? "", files.at(-1) ?? ""];
    const jobs: string[] = [];
    for (const name of [TURNING, BREAKING_OUT, FILE_NAMES[long] ?? "", FILE_NAMES.at(-1) ?? ""]) {
      const request = { recipe: "text_lora", base_model: BASE, dataset_id: turning, config: { max_steps: 2 } };
      jobs.push((await api.startJob({ ...request, name: name.slice(0, MOST_LETTERS) })).id);
    }
    for (const id of jobs) await api.cancel(id);
    const session = await api.addChatSession(BREAKING_OUT, [BASE]);
    await api.addChatSession(TURNING, [BASE]);
    paths = [
      "/",
      "/datasets",
      ...[breaking, files[long]].map((id) => `/datasets/${id}`),
      "/training",
      `/training/new?dataset=${turning}`,
      ...jobs.slice(1, 3).map((id) => `/training/${id}`),
      `/training/compare?ids=${jobs.join(",")}`,
      `/chat?session=${session.id}`,
      "/models",
      "/system",
    ];
  });
  afterAll(() => browser.close());

  test("turn nothing around them, run as no markup, and fit a phone", { timeout: FILE_MS }, async () => {
    const context = await openContext(browser, { viewport: PHONE, reducedMotion: "reduce" });
    const page = await context.newPage();
    asked = [];
    page.on("request", (request) => new URL(request.url()).pathname === "/x" && asked.push(request.url()));
    page.on("dialog", (dialog) => asked.push(dialog.message()));
    const faults: string[] = [];
    for (const path of paths) {
      await page.setViewportSize(PHONE);
      await openSettled(page, path);
      const found = [...(await misplacedOn(page)), ...(await turnedOn(page))];
      await page.setViewportSize(WIDE); // where more columns stand
      found.push(...(await turnedOn(page)));
      for (const [layer, open] of LAYERS_WITH_NAMES) {
        if (new URL(path, STUDIO.pagesUrl).pathname !== layer) continue;
        await open(page);
        found.push(...(await turnedOn(page)).map((one) => `${open.name}: ${one}`));
      }
      if (found.length > 0 || process.env.FLOW_ALL_PICTURES) await keepPicture(page, `names-${path}`);
      for (const one of found) console.error(`${path}: ${one}`);
      faults.push(...new Set(found.map((one) => `${path}: ${one}`)));
    }
    await context.close();
    expect(faults).toEqual([]);
    expect(asked).toEqual([]);
  });
});

/** Lists, questions and notices in which names stand, by the addresses where they open. */
const LAYERS_WITH_NAMES: readonly [path: string, open: (page: Page) => Promise<void>][] = [
  [
    "/training/new",
    async function chooseData(page) {
      await page.getByRole("combobox", { name: ja.newTraining.dataset.label }).click();
      await page.getByRole("option").first().waitFor();
    },
  ],
  [
    "/system",
    async function askToDelete(page) {
      await page.getByRole("button", { name: /gnp/ }).first().click();
      await page.getByRole("alertdialog").or(page.getByRole("dialog")).first().waitFor();
    },
  ],
  [
    "/training",
    async function openMenu(page) {
      await page.getByRole("button", { name: /gnp.*の操作/ }).first().click();
      await page.getByRole("menu").waitFor();
    },
  ],
];

/** What a page asks for however often it is opened: on a busy machine the server may once have stopped waiting. */
async function readsAskedAlways(page: Page, path: string, lateReads: () => string[]): Promise<string[]> {
  let asked = lateReads();
  for (let more = 3; more > 0 && asked.length > 0; more -= 1) {
    await openSettled(page, path);
    asked = lateReads();
  }
  return asked;
}

/** A page that is not there is answered with 404, and Chromium says so. */
function isMissingDocument(complaint: string): boolean {
  return complaint.includes("404") && complaint.includes(`${STUDIO.pagesUrl}${NOWHERE}`);
}
