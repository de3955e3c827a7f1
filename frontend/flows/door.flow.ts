/** Through the door with a token: under another name of the machine, through another port, in both languages, and out again. */
import { readFile } from "node:fs/promises";
import { createServer, connect, type Server } from "node:net";

import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { chartCard } from "./support/chart";
import { composeIn, countKeys } from "./support/compose";
import { dropFile, LESSON, writeExcelCsv } from "./support/files";
import { drawnStep, jobIdOf } from "./support/pages";
import { MINUTE_MS } from "./support/patience";
import { complaintsOf, HOST_NAME, isViolation, keepPicture, listening, openBrowser, openContext, STUDIO, visit } from "./support/studio";
import { walkThrough } from "./support/walk";

const NAME = "扉の五問";
const TOKEN = process.env.TOKEN ?? "";
const FORWARDED_PORT = Number(process.env.FORWARDED_PORT);
const PAGES = ["/", "/datasets", "/models", "/training", "/training/new", "/chat", "/learn", "/learn/1", "/system", "/nothing-here"];

const at = (url: string) => `http://${HOST_NAME}:${new URL(url).port}`;
const [pagesUrl, apiUrl] = [at(STUDIO.pagesUrl), at(STUDIO.apiUrl)];
/** The browser itself writes down every answer that is not ok; while nobody is signed in they are as they should be. */
const EXPECTED = /Failed to load resource: the server responded with a status of (401|404|429)/;

describe("the door", () => {
  let page: Page;
  let complaints: string[];
  const frames: string[] = [];

  walkThrough(
    "door",
    (walk) => {
      ({ page, complaints } = walk);
      page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => frames.push(String(payload))));
    },
    { baseURL: pagesUrl },
  );

  test("a wrong token is said in words, the right one opens; keys of an input method do neither", async () => {
    await countKeys(page.context());
    await visit(page, "/");
    const dialog = page.getByRole("dialog", { name: "トークンを入力してください" });
    expect(await composeIn(page, dialog.getByLabel("トークン"))).toEqual([]);
    await dialog.getByLabel("トークン").fill("違うトークン");
    await dialog.getByRole("button", { name: "続ける" }).click();
    await dialog.getByText("トークンが正しくありません").waitFor();
    await keepPicture(page, "door-wrong-ja");
    await dialog.getByLabel("トークン").fill(TOKEN);
    await dialog.getByRole("button", { name: "続ける" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("heading", { name: "自分のファイルではじめる" }).waitFor();
  });

  test("the browser keeps a session that is no token and that no script reads", async () => {
    const [cookie, ...others] = (await page.context().cookies()).filter(({ name }) => name.startsWith("llmlora_session"));
    expect(others).toEqual([]);
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict", domain: HOST_NAME });
    expect(decodeURIComponent(cookie?.value ?? "")).not.toContain(TOKEN);
    expect(await page.evaluate(() => document.cookie)).not.toContain("llmlora_session");
    await page.reload();
    await listening(page);
    await page.getByRole("button", { name: "サインアウト" }).waitFor();
    expect(await page.getByRole("dialog").count()).toBe(0);
  });

  test("a file goes up, and its copy comes down by a link that the server drew", async () => {
    const path = await writeExcelCsv(`${NAME}.csv`, LESSON);
    await dropFile(page.getByText("質問と答えのファイルをここに置いてください"), path);
    const item = page.getByRole("region", { name: `${NAME}.csv` });
    await item.getByText("使用 5").waitFor();
    await item.getByRole("button", { name: "保存" }).click();
    await page.getByRole("link", { name: "このデータで学習" }).first().waitFor();
    await visit(page, "/datasets");
    await page.getByRole("link", { name: NAME }).first().click();
    await page.waitForURL(/\/datasets\/ds_/);
    await page.reload();
    await listening(page);
    const drawn = await (await page.context().request.get(page.url().replace(HOST_NAME, "127.0.0.1"), { headers: { host: new URL(page.url()).host, cookie: await cookieOf(page), accept: "text/html" } })).text();
    expect(drawn).toContain(`href="${apiUrl}/api/datasets/ds_`);
    expect(drawn).not.toMatch(/href="http:\/\/(127\.0\.0\.1|localhost)/);
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "ダウンロード" }).click()]);
    expect(await readFile(await download.path())).toEqual(await readFile(path));
  });

  test("progress comes by the socket", { timeout: 4 * MINUTE_MS }, async () => {
    await page.getByRole("link", { name: "このデータで学習" }).first().click();
    await page.getByText("余裕あり").first().waitFor();
    await page.getByRole("button", { name: "学習をはじめる" }).click();
    await page.waitForURL(/\/training\/job_/);
    const id = jobIdOf(page);
    await expect.poll(() => frames.some((frame) => frame.includes(id) && frame.includes('"metrics"')), { timeout: 3 * MINUTE_MS }).toBe(true);
    await expect.poll(() => drawnStep(chartCard(page, "損失")), { timeout: MINUTE_MS }).toBeGreaterThan(0);
    await keepPicture(page, "door-live");
  });

  test("signing out ends the session, the sockets of other tabs, and what its cookie opens", async () => {
    const cookie = await cookieOf(page);
    const tab = await page.context().newPage();
    const opened = tab.waitForEvent("websocket");
    await visit(tab, page.url());
    const socket = await opened;
    await socket.waitForEvent("framereceived");
    await page.getByRole("button", { name: "サインアウト" }).click();
    await page.getByRole("dialog", { name: "トークンを入力してください" }).waitFor();
    await tab.getByRole("dialog", { name: "トークンを入力してください" }).waitFor();
    expect(socket.isClosed()).toBe(true);
    expect(await cookieOf(page)).toBe("");
    const answer = await fetch(`${STUDIO.apiUrl}/api/system`, { headers: { cookie } });
    expect(answer.status).toBe(401);
    expect(complaints.filter((complaint) => !EXPECTED.test(complaint))).toEqual([]);
  });
});

describe("from another port, in English", () => {
  let forward: Server;

  beforeAll(async () => {
    const inner = Number(new URL(STUDIO.pagesUrl).port);
    forward = createServer((client) => {
      const upstream = connect(inner, "127.0.0.1");
      for (const [one, other] of [[client, upstream], [upstream, client]] as const) one.pipe(other).on("error", () => other.destroy());
    });
    await new Promise<void>((ready) => forward.listen(FORWARDED_PORT, "127.0.0.1", ready));
  });
  afterAll(() => forward.close());

  test("signs in on a phone, and no page breaks its policy", { timeout: 3 * MINUTE_MS }, async () => {
    const browser = await openBrowser();
    const context = await openContext(browser, { baseURL: `http://${HOST_NAME}:${FORWARDED_PORT}`, locale: "en-US", viewport: { width: 390, height: 844 } });
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    const answer = await page.goto("/");
    expect(answer?.headers()["content-security-policy"]).toMatch(/script-src 'self' 'nonce-[\w+/=]{20,}';/);
    const dialog = page.getByRole("dialog", { name: "Enter the token" });
    await dialog.getByLabel("Token").fill("not it");
    await dialog.getByRole("button", { name: "Continue" }).click();
    await dialog.getByText("This token is not correct.").waitFor();
    await keepPicture(page, "door-wrong-en");
    await dialog.getByLabel("Token").fill(TOKEN);
    await dialog.getByRole("button", { name: "Continue" }).click();
    await dialog.waitFor({ state: "detached" });
    for (const path of PAGES) {
      await visit(page, path);
      await page.getByRole("heading").first().waitFor();
      expect(await page.getByRole("dialog").count(), path).toBe(0);
    }
    await page.getByRole("button", { name: "Menu", exact: false }).first().click();
    await page.getByRole("button", { name: "Sign out" }).waitFor();
    await keepPicture(page, "door-menu-en");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("dialog", { name: "Enter the token" }).waitFor();
    expect(complaints.filter((complaint) => isViolation(complaint) || !EXPECTED.test(complaint))).toEqual([]);
    await browser.close();
  });
});

/** The session as a header; empty: there is none. */
async function cookieOf(page: Page): Promise<string> {
  const cookies = (await page.context().cookies()).filter(({ name }) => name.startsWith("llmlora_session"));
  return cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
}
