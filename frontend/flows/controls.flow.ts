/** Every control of every page, used once: the page stands, the browser does not complain, and something comes of it. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { api } from "./support/api";
import { countKeys } from "./support/compose";
import { type Once, type Rules, type Tally, tryEveryControl } from "./support/every-control";
import { complaintsOf, keepPicture, openBrowser, openContext } from "./support/studio";

const AT_ONCE = 3;
/** Its rows would change under the hand while other pages copy trainings. */
const ALONE = "/training";
/** Four minutes on a quiet machine; a busy one takes several times as long. */
const FILE_MS = 1_500_000;
const STEP_MS = 30_000;
const RULES: Rules = {
  held: [
    { key: /^dialog .*しますか › button (?!閉じる|やめる|戻る)/, why: "the question is asked and left: yes deletes or ends what others need" },
    { key: /› button 学習をはじめる$/, why: "starts a training; main, ollama and keyboard do it" },
    { key: /^dialog デプロイ・変換 › button (デプロイする|変換する)$/, why: "starts jobs of minutes; outputs.test.tsx and test_deploy_api.py do it" },
    { key: /› button Dismiss/, why: "of the library, for screen readers alone: as Escape" },
    { key: /› button コピーしました$/, why: "says that the button was just used" },
    { key: /^toolbar 選んだ学習の操作 › button 複製$/, why: "copies all that is chosen; a row's menu copies one" },
  ],
  everywhere: /^(group (移動|見た目|ヘルプ)|dialog キーボードショートカット) ›/,
  after: [{ key: /^table 学習の一覧 › menuitem/, tidy: stopAll }],
};

describe("every control", () => {
  let browser: Browser;
  let paths: string[];

  beforeAll(async () => {
    browser = await openBrowser();
    const [{ data: datasets }, { data: jobs }, { data: deployments }] = await Promise.all([api.datasets(), api.jobs(), api.deployments()]);
    const trainings = jobs.filter(({ recipe }) => recipe === "text_lora");
    const tuned = trainings.find(({ id }) => id === deployments[0]?.training_job_id) ?? trainings[0];
    const failed = trainings.find(({ state }) => state === "failed");
    paths = [
      "/training/new", // the longest first
      `/training/compare?ids=${trainings.filter(({ state }) => state === "completed").slice(0, 2).map(({ id }) => id).join(",")}`,
      ...[tuned, failed].flatMap((job) => (job ? [`/training/${job.id}`] : [])),
      "/training",
      "/models",
      ...datasets.slice(0, 1).map(({ id }) => `/datasets/${id}`),
      "/datasets",
      "/",
      deployments[0] ? `/chat?model=${encodeURIComponent(deployments[0].name)}` : "/chat",
      "/learn",
      "/learn/2",
      "/system",
    ];
  });
  afterAll(() => browser.close());

  test("does what it says", { timeout: FILE_MS }, async () => {
    const tallies = new Map<string, Tally>();
    const once: Once = { followed: new Set(), shown: new Set(), used: new Set() };
    const wanted = process.env.FLOW_PATHS?.split(" "); // by hand, for a page or two; with or without what follows "?"
    const left = paths.filter((path) => wanted?.some((one) => path === one || path.split("?")[0] === one) ?? true);
    const lane = async (todo: string[]) => {
      for (let path = todo.shift(); path !== undefined; path = todo.shift()) {
        const context = await openContext(browser, { permissions: ["clipboard-read", "clipboard-write"], reducedMotion: "reduce" });
        await countKeys(context);
        const page = await context.newPage();
        page.setDefaultTimeout(STEP_MS);
        const begun = performance.now();
        try {
          const tally = await tryEveryControl(page, path, complaintsOf(page), RULES, once);
          tallies.set(path, tally);
          if (tally.faults.length > 0) await keepPicture(page, `controls-${path}`);
          const seconds = ((performance.now() - begun) / 1000).toFixed(1);
          console.log(`${path}: ${tally.used.length} used, ${tally.alike} alike, ${tally.held.length} held back, ${tally.disabled.length} always greyed out, ${seconds} s`);
          for (const one of tally.faults) console.error(`${path} ${one}`);
        } catch (error) {
          await keepPicture(page, `controls-${path}`);
          throw error;
        }
        await context.close();
      }
    };
    const others = left.filter((path) => path !== ALONE);
    await Promise.all(Array.from({ length: AT_ONCE }, () => lane(others)));
    await lane(left.filter((path) => path === ALONE));
    console.log(`the frame: ${once.used.size} used, ${once.followed.size} addresses followed`);
    expect([...once.shown].filter((key) => !once.used.has(key))).toEqual([]);
    expect([...tallies].flatMap(([path, { faults }]) => faults.map((one) => `${path} ${one}`))).toEqual([]);
  });
});

/** Copies of trainings need not be trained. */
async function stopAll(): Promise<void> {
  const { data } = await api.jobs();
  const open = data.filter(({ state, desired }) => desired !== "cancel" && ["pending", "queued", "running"].includes(state));
  await Promise.all(open.map(({ id }) => api.cancel(id)));
}
