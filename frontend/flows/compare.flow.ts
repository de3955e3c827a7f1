/** Two trainings over each other, the console of one, and how one hears that a job has ended. */
import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { api } from "./support/api";
import { chartCard, rowsOf, showTable } from "./support/chart";
import { LESSON } from "./support/files";
import { barriersOn } from "./support/inspect";
import { logOn } from "./support/pages";
import { MINUTE_MS } from "./support/patience";
import { listening, visit } from "./support/studio";
import { walkThrough } from "./support/walk";

const BASE = "bundled:smollm2-135m-instruct";
const SMALL = { rank: 4, learning_rate: 0.002, schedule: "constant", warmup_ratio: 0, batch_size: 1 };
const SECRET = "a-secret-of-the-flow";

interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

declare global {
  interface Window {
    shownNotices: string[];
  }
}

/** Every notification that a page shows is noted, and shown all the same. */
function noteNotices(): void {
  window.shownNotices = [];
  const Shown = window.Notification;
  window.Notification = class extends Shown {
    constructor(title: string, options?: NotificationOptions) {
      super(title, options);
      window.shownNotices.push(title);
    }
  };
}

describe("comparing and being told", () => {
  let page: Page;
  let complaints: string[];
  let context: BrowserContext;
  let server: Server;
  let dataset: string;
  let ids: string[];
  const received: Received[] = [];

  walkThrough("compare", (walk) => ({ page, complaints } = walk));
  beforeAll(async () => {
    context = page.context();
    await context.addInitScript(noteNotices);
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        received.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((listens) => server.listen(0, "127.0.0.1", listens));
    const rows = LESSON.map(({ question, answer }) => ({ instruction: question, output: answer }));
    dataset = (await api.addRows("比べるデータ", rows)).dataset.id;
  });
  afterAll(() => void server.close());

  const start = (name: string, config: object) =>
    api.startJob({ name, recipe: "text_lora", base_model: BASE, dataset_id: dataset, config: { ...SMALL, ...config } });
  const toolbar = () => page.getByRole("region", { name: "すべてのグラフの表示" });

  /** Two trainings that were completed: those of the flows before, else two of its own. */
  async function completed(): Promise<string[]> {
    const found = (await api.jobs()).data.filter(({ recipe, state, name }) => recipe === "text_lora" && state === "completed" && ["二番", "三番"].includes(name));
    if (found.length >= 2) return found.slice(0, 2).map(({ id }) => id);
    const made = [await start("二番", { max_steps: 6 }), await start("三番", { max_steps: 6, rank: 8 })].map(({ id }) => id);
    await expect.poll(async () => (await Promise.all(made.map((id) => api.job(id)))).map(({ state }) => state), { timeout: 5 * MINUTE_MS }).toEqual(["completed", "completed"]);
    return made;
  }

  test("what differs stands first, and one toolbar draws all charts over the time that was measured", { timeout: 8 * MINUTE_MS }, async () => {
    ids = await completed();
    await visit(page, `/training/compare?ids=${ids.join(",")}`);
    const headings = page.getByRole("heading", { level: 2 });
    await chartCard(page, "学習損失").getByRole("application").waitFor();
    const names = await headings.allInnerTexts();
    expect(names.indexOf("設定の違い")).toBeLessThan(names.indexOf("学習損失"));
    await toolbar().getByRole("button", { name: "経過時間" }).click();
    await toolbar().getByRole("button", { name: "対数目盛" }).click();
    await page.waitForURL((url) => url.searchParams.get("x") === "time" && url.searchParams.get("log") === "true");
    await page.reload();
    await listening(page);
    const loss = chartCard(page, "学習損失");
    await loss.getByText(/経過時間（秒）/).first().waitFor();
    const times = (await rowsOf(await showTable(loss))).map(([cell]) => Number(cell));
    expect(times.length).toBeGreaterThan(6);
    expect(times).toEqual(times.toSorted((one, other) => other - one));
    const { started_at, finished_at } = await api.job(ids[0] ?? "");
    const tookS = (Date.parse(finished_at ?? "") - Date.parse(started_at ?? "")) / 1000;
    expect(times.some((time) => time > 0 && time <= tookS)).toBe(true);
    expect(new Set(times.slice(1).map((time, place) => Math.round(((times[place] ?? 0) - time) * 1000))).size).toBeGreaterThan(2);
    expect(await barriersOn(page)).toEqual([]);
  });

  test("the console of a training has a line a step, which can be searched", { timeout: MINUTE_MS }, async () => {
    await visit(page, `/training/${ids[0]}?tab=log`);
    await expect.poll(async () => (await logOn(page)).some((line) => /step 6: train\/loss \d/.test(line))).toBe(true);
    await page.getByRole("textbox", { name: "検索" }).fill("step 3:");
    await expect.poll(async () => (await logOn(page)).length).toBe(1);
  });

  test("an address is told, signed, and its history says so", { timeout: 2 * MINUTE_MS }, async () => {
    await visit(page, "/notifications");
    await page.getByRole("button", { name: "宛先を追加" }).click();
    await page.getByRole("textbox", { name: "送信先のアドレス" }).fill(`http://127.0.0.1:${(server.address() as AddressInfo).port}/told`);
    await page.getByLabel("署名の秘密鍵").fill(SECRET);
    expect(await barriersOn(page)).toEqual([]);
    await page.getByRole("button", { name: "保存" }).click();
    await page.getByRole("button", { name: "テスト送信" }).click();
    await page.getByRole("row").filter({ hasText: "送信済み" }).waitFor();
    const [{ headers, body } = { headers: {}, body: "" }] = received;
    const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
    expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", SECRET).update(signed).digest("base64")}`);
    expect(await barriersOn(page)).toEqual([]);
  });

  test("the browser, asked by a click, tells of an end once, whatever tabs are open; so does the address", { timeout: 3 * MINUTE_MS }, async () => {
    await context.grantPermissions(["notifications"]);
    await page.reload();
    await listening(page);
    await page.getByRole("button", { name: "通知をオンにする" }).click();
    await page.getByRole("button", { name: "オフにする" }).waitFor();
    const other = await context.newPage();
    await visit(other, "/");
    const { id } = await start("短い文", { max_steps: 6, max_length: 8 });
    const shown = async () => {
      const titles = (await Promise.all([page, other].map((tab) => tab.evaluate(() => window.shownNotices)))).flat();
      return titles.map((title) => title.replaceAll(/[\u2068\u2069]/g, "")).filter((title) => title.includes("短い文"));
    };
    await expect.poll(shown, { timeout: 2 * MINUTE_MS }).toEqual(["「短い文」が失敗しました"]);
    await expect.poll(() => received.some(({ body }) => body.includes(id)), { timeout: MINUTE_MS }).toBe(true);
    const told = JSON.parse(received.find(({ body }) => body.includes(id))?.body ?? "{}") as { type: string; data: { url: string } };
    expect(told).toMatchObject({ type: "failed", data: { job: { id, name: "短い文", state: "failed" } } });
    expect(new URL(told.data.url).pathname).toBe(`/training/${id}`);
    expect(await shown()).toHaveLength(1);
    await other.close();
    await page.getByRole("button", { name: "オフにする" }).click();
    await page.getByRole("button", { name: "宛先を削除" }).click();
    await page.getByRole("button", { name: "削除", exact: true }).click();
    await page.getByText("宛先はまだありません").waitFor();
  });

  test("the browser had nothing to complain about", () => {
    expect(complaints).toEqual([]);
  });
});
