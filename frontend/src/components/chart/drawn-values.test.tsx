import { expect, test } from "vitest";

import { smooth } from "./ema";
import { mainSeries, plotOptions, type PlotShape } from "./plot-options";

const VALUES = Float64Array.from([3, 1, 2, 0.5]);

function shape(isSmoothed: boolean): PlotShape {
  const line = { label: "train", colour: "#000", dash: [], sample: "0.000" };
  const text = { hasLabels: true, syncKey: undefined, locale: "en", format: (value: number) => value.toFixed(4), formatTick: undefined };
  return { lines: [line], isSmoothed, isLog: false, isClipped: false, ...text };
}

/** Draws the ends on a canvas that only remembers what was written where. */
function drawnEnds(smoothing: number): { text: string; y: number }[] {
  const drawn = smooth(VALUES, smoothing);
  const isSmoothed = smoothing > 0;
  const data = [[0, 1, 2, 3], [...VALUES], ...(isSmoothed ? [[...drawn]] : [])];
  const hooks = {
    range: () => null,
    lastStep: () => undefined,
    drawnValue: (_: number, place: number) => drawn[place],
    onCursor: () => undefined,
    onSelect: () => undefined,
  };
  const look = { token: () => "#000", font: "12px sans-serif" };
  globalThis.devicePixelRatio = 1;
  const options = plotOptions(shape(isSmoothed), look, hooks, { width: 400, height: 200 });
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

test.each([0, 0.6, 0.99])("the label at a curve's end says where its dot stands, smoothed by %f", (smoothing) => {
  const [end] = drawnEnds(smoothing);
  expect(end?.text).toBe(((end?.y ?? 0) / 100).toFixed(4));
});

test("the main line is the smoothed one where there is one", () => {
  expect([mainSeries(shape(false), 0), mainSeries(shape(true), 0)]).toEqual([1, 2]);
});
