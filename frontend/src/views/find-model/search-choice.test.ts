import { describe, expect, test } from "vitest";

import { type SearchChoice, searchOf } from "./search-choice";

const NOTHING: SearchChoice = { q: "", language: "any", licence: "any", size: "any", access: "any", task: "text-generation", sort: "downloads" };

describe("what the hub is asked", () => {
  test("nothing, until somebody looks for something", () => {
    expect(searchOf(NOTHING)).toBeNull();
    expect(searchOf({ ...NOTHING, q: "  ", sort: "likes", task: "any" })).toBeNull();
  });

  test("words without the space around them", () => {
    expect(searchOf({ ...NOTHING, q: " qwen3 " })).toEqual({ q: "qwen3", sort: "downloads" });
  });

  test.each([
    [{ language: "ja" }, { language: "ja" }],
    [{ licence: "mit" }, { licence: "mit" }],
    [{ size: "4" }, { max_parameters: 4e9 }],
    [{ access: "no" }, { gated: false }],
    [{ access: "yes", task: "any" }, { gated: true, task: "" }],
  ] as const)("a filter alone: %j", (chosen, asked) => {
    expect(searchOf({ ...NOTHING, ...chosen })).toEqual({ q: "", sort: "downloads", ...asked });
  });
});
