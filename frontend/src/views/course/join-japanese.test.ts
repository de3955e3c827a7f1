import { expect, it } from "vitest";

import { joinLines } from "./join-japanese";

it.each([
  ["できています。\nここで", "できています。ここで"],
  ["の\n横に", "の横に"],
  ["コマンドを\n（一度だけ）", "コマンドを（一度だけ）"],
  ["読みます。\n`code`", "読みます。`code`"],
  ["LoRA\nis low rank", "LoRA\nis low rank"],
  ["ランクは\n4 です", "ランクは\n4 です"],
])("draws no space where a line of Japanese ends in the file: %o", (text, joined) => {
  expect(joinLines(text)).toBe(joined);
});

it("looks beyond what is bold or code", () => {
  expect(joinLines("\n持っていない", "。")).toBe("持っていない");
  expect(joinLines("、そして\n", "", "そ")).toBe("、そして");
  expect(joinLines("\nrank", "e")).toBe("\nrank");
});
