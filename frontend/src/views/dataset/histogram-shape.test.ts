import { describe, expect, it } from "vitest";

import { barsOf, lengthForAll, lineAt, mergedBins, ticksOf } from "./histogram-shape";

const bins = [
  { first_tokens: 1, last_tokens: 32, rows: 10 },
  { first_tokens: 33, last_tokens: 64, rows: 0 },
  { first_tokens: 65, last_tokens: 96, rows: 5 },
];

describe("the histogram of lengths", () => {
  it("draws the highest bar full and marks what is cut whole", () => {
    expect(barsOf(bins, 64).map(({ height, beyond }) => [height, beyond])).toEqual([
      [100, false],
      [0, false],
      [50, true],
    ]);
  });

  it("puts the line where training cuts, and nowhere when nothing is that long", () => {
    expect(lineAt(bins, 48)).toBe(50);
    expect(lineAt(bins, 97)).toBeNull();
    expect(lineAt([], 10)).toBeNull();
  });

  it("puts neighbours together where there are too many, and loses no row", () => {
    expect(mergedBins(bins, 2)).toEqual([
      { first_tokens: 1, last_tokens: 64, rows: 10 },
      { first_tokens: 65, last_tokens: 96, rows: 5 },
    ]);
    expect(mergedBins(bins, 12)).toEqual(bins);
  });

  it("names the ends of the axis", () => expect(ticksOf(bins)).toEqual([0, 48, 96]));

  it("offers a round length that the model can hold", () => {
    expect(lengthForAll(634, 8192)).toBe(640);
    expect(lengthForAll(9000, 8192)).toBe(8192);
  });
});
