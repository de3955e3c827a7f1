/** A studio that has seen much (tests/e2e/long_history.py): what a page reads does not grow with it. */
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import { chartCard } from "./support/chart";
import { logOn } from "./support/pages";
import { MINUTE_MS } from "./support/patience";
import { keepPicture, listening, visit } from "./support/studio";
import { walkThrough } from "./support/walk";

const HISTORY = JSON.parse(process.env.HISTORY ?? "{}") as { short_job: string; long_job: string; waiting: number; datasets: number; models: number };
const QUIET_MS = 1500;
const LIST_LOOKS_MS = 22_000;
/** Less than a window is high. */
const LOOK_PX = 400;

/** What went over the wire while a page was opened. */
interface Traffic {
  requests: string[];
  bytes: number;
  subscribed: { subscribe: string; after: number }[];
  frames: number;
}

function watched(page: Page): { traffic: Traffic; settled: () => Promise<void>; end: () => void } {
  const traffic: Traffic = { requests: [], bytes: 0, subscribed: [], frames: 0 };
  let last = Date.now();
  const onResponse = (response: { url: () => string; body: () => Promise<Buffer> }) => {
    if (!response.url().includes("/api/")) return;
    last = Date.now();
    traffic.requests.push(response.url());
    void response.body().then((body) => (traffic.bytes += body.length), () => undefined);
  };
  const onSocket = (socket: { on: (event: never, heard: never) => void }) => {
    const on = socket.on.bind(socket) as (event: string, heard: (frame: { payload: string | Buffer }) => void) => void;
    on("framesent", ({ payload }) => {
      const told = JSON.parse(String(payload)) as { subscribe: string; after: number };
      if (told.subscribe) traffic.subscribed.push(told);
    });
    on("framereceived", ({ payload }) => {
      last = Date.now();
      traffic.frames += 1;
      traffic.bytes += String(payload).length;
    });
  };
  page.on("response", onResponse as never);
  page.on("websocket", onSocket as never);
  return {
    traffic,
    settled: async () => {
      last = Date.now();
      while (Date.now() - last < QUIET_MS) await page.waitForTimeout(200);
    },
    end: () => {
      page.off("response", onResponse as never);
      page.off("websocket", onSocket as never);
    },
  };
}

/** Find one of many by its name and take it. */
async function chooseTyped(page: Page, label: string, name: string): Promise<void> {
  const field = page.getByRole("combobox", { name: label }).first();
  await field.click();
  await field.fill(name);
  await page.getByRole("option", { name: new RegExp(name) }).first().click();
}

async function opened(page: Page, path: string): Promise<Traffic> {
  const { traffic, settled, end } = watched(page);
  await visit(page, path);
  await settled();
  end();
  return traffic;
}

describe("a studio with a long history", () => {
  let page: Page;
  let complaints: string[];

  walkThrough("history", (walk) => ({ page, complaints } = walk));

  test("fifty thousand steps are read as fifty are: as many requests, and no event that has gone by", { timeout: 3 * MINUTE_MS }, async () => {
    await opened(page, `/training/${HISTORY.short_job}`); // what a first visit asks for is known after it
    const short = await opened(page, `/training/${HISTORY.short_job}`);
    const long = await opened(page, `/training/${HISTORY.long_job}`);
    await chartCard(page, "損失").getByRole("application").waitFor();
    await keepPicture(page, "history-job");
    expect(long.requests.length).toBeLessThanOrEqual(short.requests.length + 2);
    expect(long.bytes).toBeLessThan(600_000);
    const own = long.subscribed.filter(({ subscribe }) => subscribe === HISTORY.long_job);
    expect(own.length).toBeGreaterThan(0);
    expect(Math.min(...own.map(({ after }) => after))).toBeGreaterThan(150_000 - 1000);
    expect(long.requests.filter((url) => /\/events\?(?!.*tail)/.test(url))).toEqual([]);
  });

  test("older log lines come when they are asked for, and what one reads stays", { timeout: 2 * MINUTE_MS }, async () => {
    await visit(page, `/training/${HISTORY.long_job}?tab=log`);
    await expect.poll(async () => (await logOn(page)).at(-1)).toContain("step 50000 of 50000");
    await page.getByRole("log", { name: "ログ" }).evaluate((box) => box.scrollTo(0, 200));
    const before = await page.getByText(/最後の .* 行です/).innerText();
    await page.getByRole("button", { name: "前の行も表示" }).click();
    await expect.poll(() => page.getByText(/最後の .* 行です/).innerText()).not.toBe(before);
    await expect.poll(async () => (await logOn(page)).some((line) => line.includes("step 497"))).toBe(true);
  });

  test("zooming in fetches the part in full", { timeout: 2 * MINUTE_MS }, async () => {
    await visit(page, `/training/${HISTORY.long_job}`);
    const chart = chartCard(page, "損失").getByRole("application");
    await chart.waitFor();
    await page.waitForTimeout(QUIET_MS);
    const finer = page.waitForResponse((response) => response.url().includes("first_step=") && response.url().includes("last_step="));
    await chart.press("End");
    for (let times = 0; times < 7; times += 1) await chart.press("+");
    await finer;
    await expect
      .poll(async () => {
        const wanted = page.waitForResponse((response) => response.url().includes("last_step="), { timeout: 5000 }).catch(() => null);
        await chart.press("+");
        const answer = (await (await wanted)?.json()) as { series: Record<string, { steps: number[]; total: number }> } | undefined;
        const loss = answer?.series["train/loss"];
        return loss !== undefined && loss.steps.length === loss.total;
      }, { timeout: MINUTE_MS })
      .toBe(true);
  });

  test("hundreds of jobs: all are reached, the line is whole, and a look is two requests", { timeout: 4 * MINUTE_MS }, async () => {
    const first = watched(page);
    await visit(page, "/training");
    await first.settled();
    expect(new Set(first.traffic.subscribed.map(({ subscribe }) => subscribe)).size).toBeLessThanOrEqual(50);
    await page.getByRole("checkbox", { name: `「待つ学習 ${HISTORY.waiting}」を選ぶ` }).waitFor();
    await page.getByText(`順番 ${HISTORY.waiting} / ${HISTORY.waiting}`).waitFor();
    for (let times = 0; times < 40; times += 1) {
      await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
      await page.waitForTimeout(250);
      if ((await page.getByRole("link", { name: "待つ学習 001", exact: true }).count()) > 0) break;
    }
    await page.getByText(`順番 1 / ${HISTORY.waiting}`).first().waitFor();
    await keepPicture(page, "history-jobs");
    await first.settled();
    first.end();
    const look = watched(page);
    await page.waitForTimeout(LIST_LOOKS_MS);
    look.end();
    const lists = look.traffic.requests.filter((url) => /\/api\/training\/jobs\?/.test(url) && url.includes("limit="));
    expect(lists.length).toBeGreaterThan(0);
    expect(lists.length).toBeLessThanOrEqual(3 * 4);
  });

  test("hundreds of data sets and models: all are reached in the list, and each can be trained on", { timeout: 3 * MINUTE_MS }, async () => {
    const [dataset, model] = [`データ ${HISTORY.datasets}`, `history/model-${HISTORY.models}`];
    await visit(page, "/datasets");
    await page.getByRole("table").getByRole("link").first().waitFor();
    const more = page.getByRole("button", { name: "さらに表示" });
    await expect
      .poll(
        async () => {
          if ((await more.count()) > 0) await more.click();
          return more.count();
        },
        { timeout: MINUTE_MS, interval: 300 },
      )
      .toBe(0);
    // Of so many rows those are drawn that the window shows.
    const wanted = page.getByRole("link", { name: dataset });
    for (let top = 0; (await wanted.count()) === 0; top += LOOK_PX) {
      const height = await page.evaluate((to) => (window.scrollTo(0, to), document.body.scrollHeight), top);
      expect(top).toBeLessThan(height);
      await page.waitForTimeout(100);
    }
    await keepPicture(page, "history-datasets");
    await visit(page, "/training/new");
    await chooseTyped(page, "データ", dataset);
    await chooseTyped(page, "ベースモデル", model);
    await page.waitForURL((url) => url.searchParams.has("dataset") && (url.searchParams.get("base") ?? "").endsWith(model));
    await page.reload(); // a data set beyond the first page of the list is still the chosen one
    await listening(page);
    await expect.poll(() => page.getByRole("combobox", { name: "データ" }).first().inputValue()).toBe(dataset);
    await keepPicture(page, "history-chosen");
  });

  test("any of hundreds of models answers in the chat, and any of hundreds of trainings is compared", { timeout: 2 * MINUTE_MS }, async () => {
    await visit(page, "/chat");
    await chooseTyped(page, "答えるモデル", `model-${HISTORY.models}`);
    await page.waitForURL((url) => (url.searchParams.get("model") ?? "").endsWith(`model-${HISTORY.models}`));
    await visit(page, `/training/compare?ids=${HISTORY.short_job}`);
    await chooseTyped(page, "学習を追加", "待つ学習 001");
    await page.waitForURL((url) => (url.searchParams.get("ids") ?? "").split(",").length === 2);
    await page.getByText("待つ学習 001").first().waitFor();
    await keepPicture(page, "history-compared");
  });

  test("the browser had nothing to complain about", () => {
    expect(complaints).toEqual([]);
  });
});
