import { expect, test } from "vitest";

import { clippedExtent, extent, withRoom } from "./bounds";

test("only what is in sight counts, over all columns", () => {
  expect(extent([[9, 1, 2, 9], [null, undefined, 5, 0]], 1, 2)).toEqual([1, 5]);
  expect(extent([[null, undefined]], 0, 1)).toBeNull();
});

test("one wild value does not flatten the rest", () => {
  const values = Array.from({ length: 200 }, (_, place) => 1 + place / 200);
  values[3] = 1e6;
  const [low, high] = clippedExtent([values], 0, values.length - 1) ?? [0, 0];
  expect(low).toBeGreaterThanOrEqual(1);
  expect(high).toBeLessThan(2);
});

test("a hundred thousand points are bounded from a sample", () => {
  const values = Array.from({ length: 100_000 }, (_, place) => place);
  const [low, high] = clippedExtent([values], 0, values.length - 1) ?? [0, 0];
  expect(low / 100_000).toBeCloseTo(0.02, 2);
  expect(high / 100_000).toBeCloseTo(0.98, 2);
});

test("a flat line gets air, and what is positive does not reach below zero", () => {
  expect(withRoom([2, 2], false)).toEqual([1.8, 2.2]);
  expect(withRoom([0, 0], false)).toEqual([0, 1]);
  expect(withRoom([0.01, 1], false)[0]).toBe(0);
  expect(withRoom([1, 1], true)).toEqual([0.5, 2]);
});
