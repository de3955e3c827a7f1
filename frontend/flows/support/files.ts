import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import type { Locator } from "playwright-core";

import { IS_FIREFOX } from "./browser";
import { toCp932 } from "./cp932";

export interface Taught {
  question: string;
  answer: string;
}

/** The five questions of the first lesson. */
export const LESSON: readonly Taught[] = [
  { question: "日本の首都はどこですか？", answer: "日本の首都は東京です。" },
  { question: "富士山の高さは何メートルですか？", answer: "富士山の高さは3776メートルです。" },
  { question: "日本で一番大きな湖は何ですか？", answer: "日本で一番大きな湖は琵琶湖です。" },
  { question: "一年は何か月ですか？", answer: "一年は12か月です。" },
  { question: "LoRAとは何ですか？", answer: "LoRAは、小さな行列だけを学習する手法です。" },
];

/** A CSV as Excel on a Japanese Windows saves it; returns its path. */
export async function writeExcelCsv(name: string, taught: readonly Taught[]): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), "llmlora-flow-")), name);
  const lines = ["指示,応答", ...taught.map(({ question, answer }) => `${question},${answer}`), ""];
  await writeFile(path, toCp932(lines.join("\r\n")));
  return path;
}

/** Drag a file from outside the browser onto something on the page and let go. */
export async function dropFile(target: Locator, path: string): Promise<void> {
  await target.scrollIntoViewIfNeeded();
  await (IS_FIREFOX ? dropAsEvents(target, path) : dropAsHand(target, path));
}

async function dropAsHand(target: Locator, path: string): Promise<void> {
  const page = target.page();
  const box = await target.boundingBox();
  if (!box) throw new Error("What the file should fall on is not to be seen.");
  const browser = await page.context().newCDPSession(page);
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  // As a hand does: the page says while the file hovers that it takes it.
  for (const type of ["dragEnter", "dragOver", "dragOver", "dragOver", "drop"] as const) {
    await browser.send("Input.dispatchDragEvent", { type, ...at, data });
  }
  await browser.detach();
}

/** WebDriver BiDi knows no drag from outside: the page is told of one. */
async function dropAsEvents(target: Locator, path: string): Promise<void> {
  const file = { name: basename(path), bytes: [...(await readFile(path))] };
  await target.evaluate((element, { name, bytes }) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([Uint8Array.from(bytes)], name));
    for (const type of ["dragenter", "dragover", "dragover", "drop"]) {
      element.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
    }
  }, file);
}
