import { expect, test, vi } from "vitest";

import { smooth } from "./ema";
import { mainSeries, plotOptions, type PlotShape } from "./plot-options";

vi.mock(import("./plot-look"), async (original) => ({ ...(await original()), textWidth: (text) => 7 * text.length }));

const VALUES = Float64Array.from([3, 1, 2, 0.5]);

function shape(isSmoothed: boolean): PlotShape {
  const line = { label: "train", colour: "#000", dash: [], sample: "0.000" };
  const text = { hasLabels: true, syncKey: undefined, locale: "en", format: (value: number) => value.toFixed(4), formatTick: undefined };
  return { lines: [line], isSmoothed, isLog: false, isClipped: false, ...text };
}

const LOOK = { token: () => "#000", font: "12px sans-serif" };
const SIZE = { width: 400, height: 200 };
const hooksOf = (drawn: ArrayLike<number>) => ({
  range: () => null,
  lastStep: () => undefined,
  drawnValue: (_: number, place: number) => drawn[place],
  onCursor: () => undefined,
  onSelect: () => undefined,
});

/** Draws the ends on a canvas that only remembers what was written where. */
function drawnEnds(smoothing: number): { text: string; y: number }[] {
  const drawn = smooth(VALUES, smoothing);
  const isSmoothed = smoothing > 0;
  const data = [[0, 1, 2, 3], [...VALUES], ...(isSmoothed ? [[...drawn]] : [])];
  globalThis.devicePixelRatio = 1;
  const options = plotOptions(shape(isSmoothed), LOOK, hooksOf(drawn), SIZE);
  const written: { text: string; y: number }[] = [];
  let dot = 0;
  const ctx = {
    save: () => undefined, restore: () => undefined, beginPath: () => undefined, fill: () => undefined,
    arc: (_x: number, y: number) => (dot = y),
    fillText: (text: string) => written.push({ text, y: dot }),
  };
  const plot = {
    ctx, data, scales: { x: { min: 0, max: 3 } }, bbox: { top: 0, height: 1000 },
    valToPos: (value: number, scale: string) => (scale === "y" ? value * 100 : value),
  };
  for (const draw of options.hooks?.draw ?? []) (draw as unknown as (on: object) => void)(plot);
  return written;
}

/** Pixels right of a curve's end; without values as uPlot asks while it is made, when it has neither data nor a range. */
function roomBeside(values: readonly number[] | null): number {
  const options = plotOptions(shape(false), LOOK, hooksOf(values ?? []), SIZE);
  const plot = values ? { data: [values.map((_, step) => step), values], scales: { x: { min: 0, max: values.length - 1 } } } : { scales: { x: {} } };
  return (options.padding?.[1] as unknown as (on: object) => number)(plot);
}

test.each([0, 0.6, 0.99])("the label at a curve's end says where its dot stands, smoothed by %f", (smoothing) => {
  const [end] = drawnEnds(smoothing);
  expect(end?.text).toBe(((end?.y ?? 0) / 100).toFixed(4));
});

test("the main line is the smoothed one where there is one", () => {
  expect([mainSeries(shape(false), 0), mainSeries(shape(true), 0)]).toEqual([1, 2]);
});

test("a value that has grown longer since the plot was made has room beside the curve's end", () => {
  expect(roomBeside([1, 12345.6789]) - roomBeside([1, 1.5])).toBe(7 * "2345".length);
  expect(roomBeside(null)).toBe(roomBeside([1]) - 7 * "0".length);
});
