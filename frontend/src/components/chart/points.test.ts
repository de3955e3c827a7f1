import { expect, test } from "vitest";

import { align } from "./align";
import { pointRows, toCsv } from "./csv";
import { type ChartSeries, placeAt } from "./series";
import { spreadLabels } from "./spread-labels";
import { tickTexts } from "./ticks";

const series = (name: string, steps: number[], values: number[]): ChartSeries => ({
  name,
  label: name,
  steps: Float64Array.from(steps),
  values: Float64Array.from(values),
});
const TRAIN = series("train/loss", [1, 2, 3], [3, Number.NaN, 1]);
const EVAL = series("eval/loss", [2, 4], [2.5, 0]);

test("series with steps of their own share one axis", () => {
  const { steps, raw } = align([TRAIN, EVAL], { smoothing: 0, isLog: false });
  expect([...steps]).toEqual([1, 2, 3, 4]);
  expect(raw).toEqual([
    [3, null, 1, undefined],
    [undefined, 2.5, undefined, 0],
  ]);
});

test("on a logarithmic axis zero has no place", () => {
  expect(align([EVAL], { smoothing: 0, isLog: true }).raw).toEqual([[2.5, null]]);
});

test("smoothed columns stand beside the measured ones", () => {
  const { raw, smoothed } = align([TRAIN], { smoothing: 0.6, isLog: false });
  expect(raw[0]).toEqual([3, null, 1]);
  expect(smoothed[0]?.[0]).toBeCloseTo(3, 12);
  expect(smoothed[0]?.[2]).toBeGreaterThan(1);
});

test("the table and the file have every point once", () => {
  expect(pointRows([TRAIN, EVAL]).map((row) => row.step)).toEqual([1, 2, 3, 4]);
  expect(toCsv([TRAIN, series('a "b", c', [2], [0.1])])).toBe(
    'step,train/loss,"a ""b"", c"\r\n1,3,\r\n2,NaN,0.1\r\n3,1,\r\n',
  );
});

test("two thousand points are aligned and smoothed within an update's time", () => {
  const steps = Array.from({ length: 2000 }, (_, place) => place);
  const long = series("long", steps, steps.map((step) => Math.sin(step)));
  align([long, EVAL], { smoothing: 0.6, isLog: false });
  const rounds = Array.from({ length: 30 }, () => {
    const begin = performance.now();
    align([long, EVAL], { smoothing: 0.6, isLog: false });
    return performance.now() - begin;
  });
  // The quickest round: what else the machine does is not the chart's doing.
  expect(Math.min(...rounds)).toBeLessThan(4);
});

test("a step finds the last place that is not above it", () => {
  expect([0, 1, 2.5, 9].map((step) => placeAt(TRAIN.steps, step))).toEqual([-1, 0, 1, 2]);
});

test("labels keep apart, in order and inside", () => {
  expect(spreadLabels([50, 52], 15, 0, 100)).toEqual([50, 65]);
  expect(spreadLabels([98, 99, 10], 15, 0, 100)).toEqual([85, 100, 10]);
});

test("ticks of an axis have the same decimals", () => {
  expect(tickTexts([0, 0.5, 1], "en")).toEqual(["0.0", "0.5", "1.0"]);
  expect(tickTexts([0, 1e-4, 2e-4], "en")).toEqual(["0", "1e-4", "2e-4"]);
  expect(tickTexts([1000, null, 2000], "en")).toEqual(["1,000", "", "2,000"]);
});

test("what is measured by itself is never smoothed", () => {
  const exact = { ...EVAL, isExact: true };
  const { raw, smoothed } = align([TRAIN, exact], { smoothing: 0.9, isLog: false });
  expect(smoothed[1]).toEqual(raw[1]);
  expect(smoothed[0]).not.toEqual(raw[0]);
});
