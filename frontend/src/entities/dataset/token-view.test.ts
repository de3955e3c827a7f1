import { describe, expect, it } from "vitest";

import type { TokenRow } from "@/lib/api/generated/types.gen";

import { factsOf, isWithin, itemsOf, segmentsOf } from "./token-view";
import { rangeOf } from "./token-range";

const text = (row: number, before: number, part: Partial<TokenRow> = {}): TokenRow => ({
  row,
  tokens: before,
  tokens_before_truncation: before,
  supervised_tokens: 3,
  truncated: false,
  ends_turn: true,
  not_rendered: [],
  dropped: null,
  pieces: [],
  cut_pieces: [],
  ...part,
});

describe("itemsOf", () => {
  it("joins rows with all their training texts by the number of the row", () => {
    const items = itemsOf([{ row: 2 }, { row: 5 }], 50, [text(2, 10), text(5, 20), text(5, 30)]);
    expect(items.map(({ at, texts }) => [at, texts?.length])).toEqual([
      [51, 1],
      [52, 2],
    ]);
  });

  it("knows nothing of tokens that have not come", () => {
    expect(itemsOf([{ row: 1 }], 0, undefined)[0]?.texts).toBeNull();
  });
});

describe("isWithin", () => {
  const item = { at: 1, example: { row: 1 }, texts: [text(1, 40), text(1, 9000)] };
  it("finds any text of the row, both ends included", () => {
    expect(isWithin(item, { first: 33, last: 40 }, 8192)).toBe(true);
    expect(isWithin(item, { first: 41, last: 48 }, 8192)).toBe(false);
  });
  it("counts what is beyond the context as the longest", () => {
    expect(isWithin(item, { first: 8001, last: 8192 }, 8192)).toBe(true);
  });
});

describe("factsOf", () => {
  it("calls a row dropped only when all its texts are", () => {
    expect(factsOf([text(1, 5, { dropped: "no_supervised_token" }), text(1, 6)])).toMatchObject({ dropped: null, tokens: 11 });
    expect(factsOf([text(1, 5, { dropped: "no_supervised_token", truncated: true })])).toMatchObject({
      dropped: "no_supervised_token",
      truncated: true,
    });
  });
  it("says whether every answer is trained with its end, and what the template leaves out", () => {
    expect(factsOf([text(1, 5), text(1, 6)])).toMatchObject({ ends: true, notRendered: [] });
    expect(factsOf([text(1, 5), text(1, 6, { truncated: true, ends_turn: false })]).ends).toBe(false);
    expect(factsOf([text(1, 5), text(1, 6, { dropped: "no_supervised_token", ends_turn: false })]).ends).toBe(true);
    const left = { not_rendered: ["reasoning", "tools"] };
    expect(factsOf([text(1, 5, left), text(1, 6, left)]).notRendered).toEqual(["reasoning", "tools"]);
  });
});

describe("segmentsOf", () => {
  const pieces = [
    { text: "<|im_start|>user\nHi<|im_end|>\n", trained: false },
    { text: "Hello<|im_end|>", trained: true },
  ];
  it("tells marks of the template from words, and keeps every letter", () => {
    const segments = segmentsOf(pieces);
    expect(segments.filter(({ mark }) => !mark).map((one) => one.text)).toEqual(["Hi", "Hello"]);
    expect(segments.map(({ text: part, ends }) => (ends ? "\n" : part)).join("")).toBe(pieces.map((one) => one.text).join(""));
  });
});

describe("rangeOf", () => {
  it("reads the address and refuses what is no range", () => {
    expect(rangeOf("129-160")).toEqual({ first: 129, last: 160 });
    for (const bad of [null, "", "160-129", "a-b", "-5", "1-2-3"]) expect(rangeOf(bad)).toBeNull();
  });
});
