import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

import { packed, type Run, unpacked } from "./ranges";

const SHEET = fileURLToPath(new URL("../../../node_modules/@fontsource-variable/noto-sans-jp/index.css", import.meta.url));
const faces = [...readFileSync(SHEET, "utf8").matchAll(/@font-face\s*\{([^}]*)\}/g)].map(([, face = ""]) => face);
const sets = faces.map((face) => runsOf(/unicode-range:\s*([^;]+);/.exec(face)?.[1] ?? ""));

test("the files and their characters are those of the package (after a change of its version: vitest run -u)", async () => {
  const files = faces.map((face) => /url\(\.\/files\/([^)]+)\)/.exec(face)?.[1] ?? "");
  expect(files.length).toBeGreaterThan(100);
  const written = [
    "/* Written by faces.test.ts from the style sheet of @fontsource-variable/noto-sans-jp, which takes three times as many bytes. */",
    "",
    "/** The font's files, and which characters each has (ranges.ts). */",
    "export const FILES = [",
    ...files.map((file) => `  new URL("../../../node_modules/@fontsource-variable/noto-sans-jp/files/${file}", import.meta.url),`),
    "];",
    `export const CHARACTERS = ${JSON.stringify(packed(sets))};`,
    "",
  ];
  await expect(written.join("\n")).toMatchFileSnapshot("./faces.ts");
});

test("each file is one of any weight, shown when it has come", () => {
  for (const face of faces) expect(face).toMatch(/font-style: normal;\s+font-display: swap;\s+font-weight: 100 900;/);
});

test("sets of characters are read as they were written", () => {
  const some: Run[][] = [[[0, 255], [257, 257], [0x10ffff, 0x10ffff]], [], [[5, 5], [7, 65], [126, 10_000]], ...sets.map((runs) => [...runs])];
  expect(unpacked(packed(some))).toEqual(some);
});

/** Of a `unicode-range`, with neighbours joined. */
function runsOf(range: string): Run[] {
  const runs: [number, number][] = [];
  for (const part of range.split(",")) {
    const [first = "", last = first] = part.trim().slice(2).split("-");
    const [from, to] = [parseInt(first, 16), parseInt(last, 16)];
    const before = runs.at(-1);
    if (before && before[1] + 1 === from) before[1] = to;
    else runs.push([from, to]);
  }
  return runs;
}
