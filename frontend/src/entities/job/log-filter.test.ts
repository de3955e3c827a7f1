import { expect, test } from "vitest";

import type { LogLine } from "@/lib/api/generated/types.gen";

import { filterLog } from "./log-filter";

const line = (seq: number, level: LogLine["level"], message: string): LogLine => ({
  seq,
  level,
  message,
  step: null,
  epoch: 1,
  at: "2026-11-21T03:04:05Z",
});
const LINES = [line(1, "debug", "Opened data"), line(2, "info", "step 10 loss 0.4"), line(3, "error", "Loss is NaN")];

test("a level keeps what is at least as grave", () => {
  expect(filterLog(LINES, "info", "").map((one) => one.seq)).toEqual([2, 3]);
  expect(filterLog(LINES, "error", "").map((one) => one.seq)).toEqual([3]);
});

test("every word has to be there, in any case", () => {
  expect(filterLog(LINES, "debug", " LOSS 10 ").map((one) => one.seq)).toEqual([2]);
  expect(filterLog(LINES, "debug", "loss").map((one) => one.seq)).toEqual([2, 3]);
});

test("without filters the lines stay the same array", () => {
  expect(filterLog(LINES, "debug", "  ")).toBe(LINES);
});
