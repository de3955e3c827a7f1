import { expect, test } from "vitest";

import { smooth } from "./ema";

const of = (...values: number[]) => Float64Array.from(values);

test("the first value stands as it is: the average is debiased", () => {
  const smoothed = smooth(of(4, 2), 0.9);
  expect(smoothed[0]).toBeCloseTo(4, 12);
  // (0.9·0.1·4 + 0.1·2) / (1 − 0.9²)
  expect(smoothed[1]).toBeCloseTo((0.9 * 0.1 * 4 + 0.1 * 2) / (1 - 0.81), 12);
});

test("a weight of zero changes nothing, and gives another array", () => {
  const values = of(3, 1, 2);
  expect([...smooth(values, 0)]).toEqual([3, 1, 2]);
  expect(smooth(values, 0)).not.toBe(values);
});

test("what is not a number stays, and its neighbours are as if it were not there", () => {
  const smoothed = smooth(of(1, Number.NaN, 3), 0.5);
  expect(smoothed[1]).toBeNaN();
  expect(smoothed[2]).toBeCloseTo(smooth(of(1, 3), 0.5)[1] ?? 0, 12);
});

test("a constant line is exactly itself", () => {
  expect([...smooth(of(0.1, 0.1, 0.1), 0.99)]).toEqual([0.1, 0.1, 0.1]);
});
