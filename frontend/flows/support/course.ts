import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

import { comparisonOf, numberShown } from "./compare";
import { write } from "./keys";
import { tilesOn } from "./pages";
import { MINUTE_MS } from "./patience";
import { listening, STUDIO, visit } from "./studio";

export interface Step {
  op: string;
  line: number;
  section: string;
  value: string;
  label: string;
  expected: string[];
}

const SOON_MS = MINUTE_MS;
/** Trainings run here, several in a line on a machine of two cores. */
const LONG_MS = 40 * 60_000;
const PRESSED = ["button", "link", "tab", "radio", "checkbox", "menuitem", "option", "switch"] as const;
const QUESTION = { ja: "質問", en: "Question" };
const SEND = { ja: "送信", en: "Send" };
const NAVIGATION = { ja: "ページ", en: "Pages" };

/** Does what a course says, by the words that a person sees. */
export class CourseHand {
  /** What a picture has to show. */
  private seen: Locator | null = null;

  constructor(
    private readonly page: Page,
    private readonly language: "ja" | "en",
  ) {}

  async does(step: Step): Promise<void> {
    switch (step.op) {
      case "page":
        return this.open(step.value);
      case "file":
        return this.gives(step.label, join(workplace(), step.value));
      case "press":
        return this.press(step.value);
      case "type":
        return this.types(step.label, step.value);
      case "choose":
        await this.page.getByRole("combobox", { name: step.label }).first().click();
        return this.page.getByRole("option", { name: step.value }).first().click();
      case "see":
        return this.sees(step.value, SOON_MS);
      case "wait":
        return this.sees(step.value, LONG_MS);
      case "value":
        return this.compares(step.label, step.value);
      case "ask":
        return this.asks(step.value);
      case "answer":
        return expect.poll(() => this.answer(), { timeout: SOON_MS }).toBe(step.value);
      case "other":
        return this.answersOtherwise(step.value);
      case "picture":
        return this.takes(step.value);
      case "command":
        return runs(step);
      default:
        throw new Error(`Nobody knows how to do “${step.op}”.`);
    }
  }

  /** By the navigation where it has such a word, else by the address. */
  private async open(where: string): Promise<void> {
    if (where.startsWith("/")) return visit(this.page, where);
    if (this.page.url() === "about:blank") await visit(this.page, "/");
    await this.page.getByRole("navigation", { name: NAVIGATION[this.language] }).getByRole("link", { name: where }).first().click();
    await this.page.getByRole("heading", { level: 1, name: where, exact: true }).waitFor({ timeout: SOON_MS });
    await listening(this.page);
  }

  /** What is called so, else what begins so: `すべての設定（23）` grows. */
  private async press(name: string): Promise<void> {
    const beginning = new RegExp(`^${quoted(name)}`);
    const called = (by: string | RegExp): Locator =>
      PRESSED.map((role) => this.page.getByRole(role, { name: by, exact: true }))
        .reduce((all, one) => all.or(one))
        .filter({ visible: true })
        .first();
    await called(beginning).waitFor({ timeout: SOON_MS });
    const exact = called(name);
    await ((await exact.count()) > 0 ? exact : called(beginning)).click({ timeout: SOON_MS });
  }

  /** In the field of that name, which may say behind it that it can be left empty. */
  private async types(field: string, value: string): Promise<void> {
    const exact = this.page.getByLabel(field, { exact: true });
    const beginning = this.page.getByLabel(new RegExp(`^${quoted(field)}`));
    await beginning.or(exact).first().waitFor({ timeout: SOON_MS });
    await ((await exact.count()) > 0 ? exact : beginning).first().fill(value);
  }

  private async gives(button: string, path: string): Promise<void> {
    const asked = this.page.waitForEvent("filechooser", { timeout: SOON_MS });
    await this.press(button);
    await (await asked).setFiles(path);
  }

  private async sees(words: string, timeout: number): Promise<void> {
    const place = this.page.getByText(new RegExp(quoted(words))).filter({ visible: true }).first();
    const failure = this.page.locator("main").getByRole("alert").filter({ visible: true }).first();
    await place.or(failure).first().waitFor({ timeout });
    if (!(await place.isVisible())) throw new Error(`“${words}” is not there; the page says: ${await failure.innerText()}`);
    this.seen = place;
  }

  private async compares(label: string, comparison: string): Promise<void> {
    const isAsSaid = comparisonOf(comparison);
    const shown = async () => numberShown((await tilesOn(this.page))[label]);
    await expect.poll(shown, { timeout: SOON_MS }).toSatisfy(isAsSaid, `${label} ${comparison}`);
  }

  private async asks(question: string): Promise<void> {
    const answers = this.page.getByRole("article");
    const before = await answers.count();
    await this.page.getByRole("textbox", { name: QUESTION[this.language], exact: true }).last().click();
    await write(this.page, question);
    await this.page.getByRole("button", { name: SEND[this.language], exact: true }).click({ timeout: SOON_MS });
    await expect.poll(() => answers.count(), { timeout: SOON_MS }).toBeGreaterThan(before);
    const areBusy = () => answers.evaluateAll((all) => all.some((one) => one.getAttribute("aria-busy") !== "false"));
    await expect.poll(areBusy, { timeout: 5 * SOON_MS }).toBe(false);
  }

  /** An answer that failed is none. */
  private async answersOtherwise(taught: string): Promise<void> {
    const answer = await this.answer();
    expect(answer.trim()).not.toBe("");
    expect(answer).not.toBe(taught);
  }

  /** What the model on the left has answered last. */
  private async answer(): Promise<string> {
    const answers = this.page.getByRole("article");
    const sides = (await this.page.getByRole("combobox").count()) > 1 && (await answers.count()) % 2 === 0 ? 2 : 1;
    const paragraphs = answers.nth((await answers.count()) - sides).locator("p");
    return (await paragraphs.count()) > 0 ? paragraphs.first().innerText() : "";
  }

  /** Nothing where nobody keeps pictures. */
  private async takes(picture: string): Promise<void> {
    if (!process.env.COURSE_PICTURES) return;
    const path = join(process.env.COURSE_PICTURES, picture);
    await this.page.mouse.move(0, 0); // no hint that a pointer has called up
    await this.page.evaluate(() => window.scrollTo(0, 0));
    if ((await this.seen?.count()) === 1) {
      await this.seen?.evaluate((element) => {
        const { bottom } = element.getBoundingClientRect();
        if (bottom > window.innerHeight) element.scrollIntoView({ block: "center" });
      });
    }
    await this.page.waitForTimeout(600); // what fades in
    const bytes = await this.page.screenshot();
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, Buffer.from(await asWebp(this.page, bytes.toString("base64")), "base64"));
  }
}

function quoted(words: string): string {
  return words.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** A picture of a page has few colours: as WebP it takes a third. */
async function asWebp(page: Page, png: string): Promise<string> {
  const studio = await page.context().newPage();
  try {
    return await studio.evaluate(async (data) => {
      const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
      const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [picture.width, picture.height];
      canvas.getContext("2d")?.drawImage(picture, 0, 0);
      return canvas.toDataURL("image/webp", 0.72).split(",")[1] ?? "";
    }, png);
  } finally {
    await studio.close();
  }
}

function workplace(): string {
  return process.env.COURSE_PLACE ?? "";
}

/** Run a command where the course is read; variables that it sets stay for the next one. */
async function runs({ value, expected }: Step): Promise<void> {
  const api = new URL(STUDIO.apiUrl);
  const command = value.replaceAll("127.0.0.1:8000", api.host);
  const script = `set -euo pipefail; [ ! -f .set ] || . ./.set; ${command}\n{ declare -p | grep -E '^declare -- [A-Z_]+=' || true; declare -f; } > .set`;
  const child = spawn("bash", ["-c", script], { cwd: workplace(), env: process.env, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  child.stdout.on("data", (bytes: Buffer) => (printed += bytes.toString()));
  child.stderr.on("data", (bytes: Buffer) => (printed += bytes.toString()));
  const status = await new Promise<number | null>((done) => child.on("close", done));
  if (status !== 0) throw new Error(`It ended with ${status}:\n${printed}`);
  let from = 0;
  for (const piece of expected) {
    const place = printed.indexOf(piece, from);
    if (place < 0) throw new Error(`“${piece}” was not printed:\n${printed}`);
    from = place + piece.length;
  }
}
