import { describe, expect, it } from "vitest";

import { barsOf, breakOf, lengthForAll, mergedBins, placeOf, quantilesOf } from "./histogram-shape";

const bins = [
  { first_tokens: 1, last_tokens: 32, rows: 10 },
  { first_tokens: 33, last_tokens: 64, rows: 0 },
  { first_tokens: 65, last_tokens: 96, rows: 5 },
];
/** Behind the bins of one width each is twice as wide as the one before. */
const far = [...bins, ...[97, 161, 289, 545].map((first, place) => ({ first_tokens: first, last_tokens: first + 64 * 2 ** place - 1, rows: place === 3 ? 1 : 0 }))];

describe("the histogram of lengths", () => {
  it("draws the highest bar full and marks what is cut whole", () => {
    expect(barsOf(bins, 64).map(({ height, beyond }) => [height, beyond])).toEqual([
      [100, false],
      [0, false],
      [50, true],
    ]);
  });

  it("puts lines where lengths stand, and nowhere when nothing is that long", () => {
    expect(placeOf(bins, 48)).toBe(50);
    expect(placeOf(bins, 96)).toBe(100);
    expect(placeOf(bins, 97)).toBeNull();
    expect(placeOf([], 10)).toBeNull();
  });

  it("puts lines into wide bars in proportion", () => expect(placeOf(far, 97 + 31)).toBe((100 * 3.5) / 7));

  it("puts neighbours together where there are too many, and loses no row", () => {
    expect(mergedBins(bins, 2)).toEqual([
      { first_tokens: 1, last_tokens: 64, rows: 10 },
      { first_tokens: 65, last_tokens: 96, rows: 5 },
    ]);
    expect(mergedBins(bins, 12)).toEqual(bins);
  });

  it("keeps a row that is far longer than the others apart from them", () => {
    const bars = mergedBins(far, 12);
    expect(bars.map(({ first_tokens }) => first_tokens)).toEqual([1, 33, 65, 97, 289]);
    expect(bars.reduce((sum, { rows }) => sum + rows, 0)).toBe(16);
    expect(breakOf(far, bars)).toEqual({ bar: 3, from: 96, rows: 1 });
    expect(breakOf(bins, mergedBins(bins, 12))).toBeNull();
  });

  it("tells the lengths that most rows do not exceed, the shortest first", () => {
    expect(quantilesOf({ p99: 90.4, p50: 20.5, other: 3 })).toEqual([
      { name: "p50", percent: 50, tokens: 21 },
      { name: "p99", percent: 99, tokens: 90 },
    ]);
  });

  it("offers a round length that the model can hold", () => {
    expect(lengthForAll(634, 8192)).toBe(640);
    expect(lengthForAll(9000, 8192)).toBe(8192);
  });
});
