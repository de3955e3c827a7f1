import { expect, it } from "vitest";

import { commandsOf, courseLink, studioLines } from "./lines";

it("reads what to click, and knows the line of each", () => {
  expect(studioLines("ページ: /\n入力: エポック数 = 8\n\nask: Why: because?", 40)).toEqual([
    { line: 40, word: "ページ", label: "/", value: null },
    { line: 41, word: "入力", label: "エポック数", value: "8" },
    { line: 43, word: "ask", label: "Why: because?", value: null },
  ]);
});

it("copies commands, and nothing that they print", () => {
  expect(commandsOf("$ one \\\n  --flag\nprinted\n$ two\nmore")).toBe("one \\\n  --flag\ntwo");
  expect(commandsOf("printed alone")).toBe("");
});

it("knows the other courses by the names of their files", () => {
  expect(courseLink("level2_practical_tutorial.md")).toEqual({ level: 2, language: "ja" });
  expect(courseLink("level1_basic_tutorial.en.md")).toEqual({ level: 1, language: "en" });
  expect(courseLink("../../docs/api.md")).toBeNull();
  expect(courseLink("https://a.example/level1_basic.md")).toBeNull();
});
