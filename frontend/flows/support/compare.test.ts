import { describe, expect, test } from "vitest";

import { comparisonOf, numberShown } from "./compare";

describe("what a course says of a tile's number", () => {
  test.each([
    ["0.04", "< 0.05", true],
    ["0.06", "< 0.05", false],
    ["1,234", "> 1000", true],
    ["0", "< 1", true],
    ["0.05", "< 0.05", false],
  ])("%s is %s: %s", (text, comparison, comes) => {
    expect(comparisonOf(comparison)(numberShown(text))).toBe(comes);
  });

  test.each([undefined, "", "  ", "–", "NaN", "3 秒"])("a tile that shows %j claims nothing", (text) => {
    expect(comparisonOf("< 1000")(numberShown(text))).toBe(false);
    expect(comparisonOf("> -1000")(numberShown(text))).toBe(false);
  });

  test.each(["= 3", "<= 3", "≥ 3", "<", "< ", "< x", ""])("%j is no comparison", (comparison) => {
    expect(() => comparisonOf(comparison)).toThrow(`“${comparison}”`);
  });
});
