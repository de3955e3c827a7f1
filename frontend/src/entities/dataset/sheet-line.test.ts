import { expect, test } from "vitest";

import type { Counts, SheetRows } from "@/lib/api/generated/types.gen";

import { sourcePlace } from "./sheet-line";

const COUNTS: Counts = { read: 9, kept: 9, refused: 0, refused_by_reason: {}, first_refused: [] };
const lines = (sheet: SheetRows | null, ...rows: number[]) => rows.map((row) => sourcePlace({ ...COUNTS, sheet }, row).line);

test("a row stands below the line that names the columns, and below blank lines", () => {
  expect(lines({ header_row: 1, blanks: [] }, 1, 3)).toEqual([2, 4]);
  expect(lines({ header_row: 2, blanks: [2, 2, 5] }, 1, 2, 4, 5)).toEqual([3, 6, 8, 10]);
});

test("where nothing is known of a spreadsheet, nothing is said", () => {
  expect(lines(null, 1)).toEqual([null]);
});

test("a row of an archive has a file, and the line within it", () => {
  const file = { format: "csv" as const, encoding: "utf-8", mapping: {}, read: 5, kept: 5 };
  const files = [
    { ...file, name: "a.csv", first_row: 1, sheet: { header_row: 1, blanks: [] } },
    { ...file, name: "b.jsonl", first_row: 6, sheet: null },
    { ...file, name: "c.csv", first_row: 11, sheet: { header_row: 1, blanks: [1] } },
  ];
  expect([5, 6, 11].map((row) => sourcePlace({ ...COUNTS, files }, row))).toEqual([
    { file: "a.csv", line: 6 },
    { file: "b.jsonl", line: null },
    { file: "c.csv", line: 3 },
  ]);
});
