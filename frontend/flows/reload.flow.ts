/** What a person did is still there after a reload, in another conversation, on another page and in another tab. */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Locator, Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import { api } from "./support/api";
import { MINUTE_MS } from "./support/patience";
import { keepPicture, listening, visit } from "./support/studio";
import { walkThrough } from "./support/walk";

/** Longer than any step here: such an answer is stopped, never waited for. At this question the base repeats one character for ever. */
const ENDLESS = { temperature: 0, max_tokens: 7000 };
const ENDLESS_QUESTION = "「海」という字を書き続けてください。";
const SHORT = { temperature: 0, max_tokens: 12 };
const NEXT = "次に聞きたいこと";
const ROWS = 60_000;
/** A picture is refused as data; an upload that has been saved is no longer there to go on with. */
const EXPECTED = /422 .*\/api\/datasets\/preview|404 .*\/api\/datasets\/uploads\//;

describe("a reload keeps what was done", () => {
  let page: Page;
  let complaints: string[];
  let models: string[];
  let long: string;
  let short: string;

  walkThrough("reload", (walk) => ({ page, complaints } = walk));

  test("in mid-answer: both models come back, with what was said, a retry, and what is being written", { timeout: 3 * MINUTE_MS }, async () => {
    const { data } = await api.deployments();
    const tuned = data.find(({ state, target }) => state === "ready" && target === "llama_cpp");
    if (!tuned?.base_reference) throw new Error("The studio has no tuned model beside its base.");
    models = [tuned.base_reference, tuned.name]; // a tuned model has been taught to end
    [long, short] = [await api.beginConversation("長い話", models, ENDLESS), await api.beginConversation("短い話", models, SHORT)];
    await visit(page, `/chat?session=${long}`);
    await ask(page, ENDLESS_QUESTION);
    await isComing(page);
    await page.getByRole("textbox", { name: "質問" }).fill(NEXT);
    await page.reload();
    await listening(page);
    await answers(page).first().getByText("途中で止まりました").waitFor();
    await answers(page).nth(1).getByText("何も答えないうちに止まりました。").waitFor();
    expect(await answers(page).first().getByText("何も答えないうちに止まりました。").count()).toBe(0);
    expect(await page.getByRole("textbox", { name: "質問" }).inputValue()).toBe(NEXT);
    await keepPicture(page, "reload-mid-answer");
    await answers(page).first().getByRole("button", { name: "もう一度答える" }).click();
    await isComing(page);
  });

  test("a question in another conversation waits, and stops nothing", { timeout: 3 * MINUTE_MS }, async () => {
    const before = await lengthOf(answers(page).first());
    await row(page, "長い話").getByText("回答中").waitFor();
    await row(page, "短い話").click();
    await ask(page, "空の色は？");
    await answers(page).first().getByText("このモデルは別の会話に回答中です。").waitFor();
    await keepPicture(page, "reload-two-conversations");
    await row(page, "長い話").click();
    await isComing(page);
    await expect.poll(() => lengthOf(answers(page).first())).toBeGreaterThan(before);
    expect(await page.getByRole("textbox", { name: "質問" }).inputValue()).toBe(NEXT);
  });

  test("another tab sees that the answer is coming; a renamed conversation still gets it", { timeout: 2 * MINUTE_MS }, async () => {
    const other = await page.context().newPage();
    await visit(other, `/chat?session=${long}`);
    await answers(other).first().getByText("回答中です。終わるとここに表示されます。").waitFor();
    await other.getByRole("textbox", { name: "質問" }).fill("別の質問");
    expect(await other.getByRole("button", { name: "送信", exact: true }).isDisabled()).toBe(true);
    await keepPicture(other, "reload-other-tab");
    await page.getByRole("button", { name: "「長い話」の操作" }).click();
    await page.getByRole("menuitem", { name: "名前を変える" }).click();
    await page.getByRole("textbox", { name: "会話の名前" }).fill("海の話");
    await page.keyboard.press("Enter");
    await row(page, "海の話").waitFor();
    await isComing(page);
    await other.close();
  });

  test("the answer goes on while another page is open, and is stopped in its own conversation alone", { timeout: 3 * MINUTE_MS }, async () => {
    await page.getByRole("navigation").getByRole("link", { name: "データ" }).first().click();
    await page.getByRole("heading", { level: 1, name: "データ" }).waitFor();
    await page.goBack();
    await isComing(page);
    await page.getByRole("button", { name: "停止", exact: true }).click();
    await answers(page).first().getByText("途中で止まりました").waitFor();
    await row(page, "短い話").click();
    await expect.poll(() => busyOf(page), { timeout: MINUTE_MS }).toEqual(["false", "false"]);
    expect((await api.conversation(long)).messages.filter(({ role }) => role === "user")).toHaveLength(1);
    expect((await api.conversation(short)).messages.map(({ model }) => model)).toEqual([null, ...models]);
  });

  test("in mid-upload: it is told, nothing half stands in the list, and the same file goes on", { timeout: 2 * MINUTE_MS }, async () => {
    const name = "大きなファイル.csv";
    const path = await written(name, `指示,応答\n${Array.from({ length: ROWS }, (_, n) => `${n}番の質問は何ですか？この行は長めです。,${n}番の答えです。`).join("\n")}\n`);
    let pieces = 0;
    const isPiece = (url: URL) => url.pathname.startsWith("/api/datasets/uploads/");
    // After two pieces the line is dead, as where a network goes away.
    await page.route(isPiece, (route) => (route.request().method() === "PATCH" && (pieces += 1) > 2 ? undefined : route.continue()));
    await visit(page, "/datasets?add=1");
    await choose(page, "ファイルを選ぶ", path);
    await expect.poll(() => pieces).toBeGreaterThan(2);
    await page.goto("/datasets"); // without the panel for adding: it is told all the same
    await page.unroute(isPiece);
    await listening(page);
    const told = page.getByRole("region", { name: "前回のファイルがまだ保存されていません" });
    await told.getByText(name).waitFor();
    await keepPicture(page, "reload-mid-upload");
    expect((await api.datasets()).data.map((one) => one.name)).not.toContain("大きなファイル");
    const continued = page.waitForRequest((request) => request.method() === "PATCH" && isPiece(new URL(request.url())));
    await choose(told, "同じファイルを選ぶ", path);
    expect(Number((await continued).headers()["upload-offset"])).toBeGreaterThan(0);
    const item = page.getByRole("region", { name });
    await item.getByText("使用 1,000").waitFor({ timeout: MINUTE_MS });
    await told.waitFor({ state: "detached" });
    await item.getByRole("button", { name: "保存" }).click();
    await page.getByRole("link", { name: "このデータで学習" }).first().waitFor({ timeout: MINUTE_MS });
    expect((await api.datasets()).data.find((one) => one.name === "大きなファイル")?.counts.kept).toBe(ROWS);
  });

  test("what was refused does not come back as interrupted", async () => {
    const path = await written("画像.csv", Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"));
    await visit(page, "/datasets?add=1");
    await choose(page, "ファイルを選ぶ", path);
    const item = page.getByRole("region", { name: "画像.csv" });
    await item.getByRole("alert").first().waitFor();
    await keepPicture(page, "reload-refused");
    await page.reload();
    await listening(page);
    await page.getByRole("button", { name: "ファイルを選ぶ" }).waitFor();
    await page.waitForLoadState("networkidle");
    expect(await page.getByText("画像.csv").count()).toBe(0);
  });

  test("the browser had nothing to complain about", () => {
    expect(complaints.filter((one) => !EXPECTED.test(one))).toEqual([]);
  });
});

function answers(page: Page): Locator {
  return page.getByRole("article");
}

async function lengthOf(answer: Locator): Promise<number> {
  return (await answer.innerText()).length;
}

function busyOf(page: Page): Promise<(string | null)[]> {
  return answers(page).evaluateAll((all) => all.map((one) => one.getAttribute("aria-busy")));
}

/** The first model has begun to answer, and the second waits for it. */
async function isComing(page: Page): Promise<void> {
  await answers(page).first().getByText("回答中", { exact: true }).waitFor({ timeout: MINUTE_MS });
  expect(await busyOf(page)).toEqual(["true", "true"]);
}

async function ask(page: Page, question: string): Promise<void> {
  const field = page.getByRole("textbox", { name: "質問" });
  await field.fill(question);
  await expect.poll(() => page.getByRole("button", { name: "送信", exact: true }).isEnabled(), { timeout: MINUTE_MS }).toBe(true);
  await field.press("Enter");
}

/** A conversation in the list beside the page. */
function row(page: Page, title: string): Locator {
  return page.getByRole("complementary", { name: "会話の一覧" }).getByRole("button", { name: new RegExp(`^${title}`) });
}

async function choose(place: Page | Locator, button: string, path: string): Promise<void> {
  const page = "context" in place ? place : place.page();
  const asked = page.waitForEvent("filechooser");
  await place.getByRole("button", { name: button }).first().click();
  await (await asked).setFiles(path);
}

async function written(name: string, content: string | Buffer): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), "llmlora-flow-")), name);
  await writeFile(path, content);
  return path;
}
