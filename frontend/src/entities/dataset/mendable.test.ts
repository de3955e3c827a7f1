import { expect, it } from "vitest";

import { ProblemError } from "@/lib/problem";

import { isMendedByMapping, isRefusedForGood } from "./mendable";

const problem = (code: string, status = 422) => new ProblemError(code, { status });

it.each(["dataset_format_unreadable", "dataset_file_empty", "dataset_no_rows", "dataset_parquet_damaged", "dataset_row_too_long"])(
  "%s stays, however the file is read",
  (code) => {
    expect([isRefusedForGood(problem(code)), isMendedByMapping(problem(code))]).toEqual([true, false]);
  },
);

it.each(["dataset_missing_column", "dataset_mixed_kinds", "dataset_encoding_unknown"])("%s can be answered", (code) => {
  expect(isRefusedForGood(problem(code))).toBe(false);
});

it("what passes by itself is no refusal", () => {
  expect([problem("dataset_importer_died", 503), problem("upload_busy", 423), null].map(isRefusedForGood)).toEqual([false, false, false]);
});
