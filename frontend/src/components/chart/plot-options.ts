import type uPlot from "uplot";

import { clippedExtent, extent, withRoom } from "./bounds";
import { drawEnds, lastPlace } from "./draw-ends";
import { type PlotLook, textWidth } from "./plot-look";
import type { ChartRange } from "./series";
import { saidOnce, tickTexts } from "./ticks";

/** A line as the plot draws it. */
export interface PlotLine {
  label: string;
  colour: string;
  dash: readonly number[];
  /** A value as long as its label may become: its room before there are points. */
  sample: string;
}

/** What makes a new plot necessary when it changes. */
export interface PlotShape {
  lines: readonly PlotLine[];
  isSmoothed: boolean;
  isLog: boolean;
  isClipped: boolean;
  hasLabels: boolean;
  syncKey: string | undefined;
  locale: string;
  format: (value: number) => string;
  /** For the axis, where a tick needs another form than a value. */
  formatTick: ((value: number) => string) | undefined;
}

export interface PlotHooks {
  range: () => ChartRange | null;
  /** Where the axis ends even before there are points: the last step of the run. */
  lastStep: () => number | undefined;
  /** What is drawn: smoothed where the line is. */
  drawnValue: (line: number, place: number) => number | null | undefined;
  onCursor: (plot: uPlot) => void;
  onSelect: (range: ChartRange | null) => void;
}

const AXIS_WIDTH = 40;
const AXIS_HEIGHT = 26;
const LABEL_ROOM = 16;
const MIN_DRAG_PX = 4;

export function plotOptions(
  shape: PlotShape,
  look: PlotLook,
  hooks: PlotHooks,
  size: { width: number; height: number },
): uPlot.Options {
  return {
    ...size,
    padding: [10, (plot) => rightRoom(plot, shape, look, hooks), 0, 0],
    legend: { show: false },
    scales: { x: { time: false, range: (_, low, high) => xRange(hooks, low, high) }, y: yScale(shape) },
    axes: axesOf(shape, look),
    series: seriesOf(shape),
    cursor: cursorOf(shape, hooks),
    hooks: {
      setCursor: [hooks.onCursor],
      setSelect: [(plot) => takeSelection(plot, hooks)],
      draw: shape.hasLabels ? [(plot) => drawEnds(plot, endsOf(shape, hooks), look.font, devicePixelRatio)] : [],
    },
  };
}

/** Number of the series that draws a line: the smoothed one where there is one. */
export function mainSeries(shape: PlotShape, line: number): number {
  return 1 + line + (shape.isSmoothed ? shape.lines.length : 0);
}

/** For the longest text beside a curve's end, as it is now: values grow longer while a run goes on. */
function rightRoom(plot: uPlot, shape: PlotShape, look: PlotLook, hooks: PlotHooks): number {
  const { hasLabels, lines } = shape;
  if (!hasLabels) return 10;
  const texts = lines.map((line) => (lines.length > 1 ? `${line.label} ${line.sample}` : line.sample));
  const hasData = (plot.data as uPlot.AlignedData | undefined) !== undefined; // it is asked before it has any
  const shown = endsOf(shape, hooks).flatMap(({ index, text }) => {
    const place = hasData ? lastPlace(plot, index) : null;
    return place === null ? [] : [text(place)];
  });
  return Math.ceil(Math.max(0, ...[...texts, ...shown].map((text) => textWidth(text, look.font)))) + LABEL_ROOM;
}

function xRange(hooks: PlotHooks, low: number | null, high: number | null): [number, number] {
  const range = hooks.range();
  if (range) return [range.first, range.last];
  const first = (low ?? 0) <= 1 ? 0 : (low ?? 0);
  const last = Math.max(high ?? 1, hooks.lastStep() ?? 0);
  return last > first ? [first, last] : [first, first + 1];
}

function yScale({ isLog, isClipped }: PlotShape): uPlot.Scale {
  return {
    distr: isLog ? 3 : 1,
    log: 10,
    range: (plot) => {
      const [from, to] = plot.series[0]?.idxs ?? [0, plot.data[0].length - 1];
      const columns = plot.data.slice(1);
      const found = (isClipped ? clippedExtent : extent)(columns, from, to);
      return withRoom(found ?? (isLog ? [0.1, 1] : [0, 1]), isLog);
    },
  };
}

function axesOf(shape: PlotShape, look: PlotLook): uPlot.Axis[] {
  const common = { stroke: look.token("--ink-3"), font: look.font, ticks: { show: false } };
  const { formatTick, locale } = shape;
  const texts = (places: (number | null)[]) =>
    formatTick ? saidOnce(places.map((place) => (place === null ? "" : formatTick(place)))) : tickTexts(places, locale);
  return [
    {
      ...common,
      grid: { show: false },
      size: AXIS_HEIGHT,
      gap: 6,
      space: 64,
      incrs: [1, 2, 5].flatMap((first) => [0, 1, 2, 3, 4, 5, 6, 7].map((power) => first * 10 ** power)).sort((a, b) => a - b),
      values: (_, places) => tickTexts(places, locale),
    },
    {
      ...common,
      grid: { stroke: look.token("--line"), width: 1 },
      gap: 8,
      space: 34,
      size: (_, values) => Math.max(AXIS_WIDTH, ...(values ?? []).map((text) => Math.ceil(textWidth(text, look.font)) + 12)),
      values: (_, places) => texts(places),
    },
  ];
}

function seriesOf({ lines, isSmoothed }: PlotShape): uPlot.Series[] {
  const faint = lines.map((line): uPlot.Series => ({
    label: line.label,
    stroke: line.colour,
    width: 1,
    alpha: 0.32,
    points: { show: false },
  }));
  const main = lines.map((line): uPlot.Series => ({
    label: line.label,
    stroke: line.colour,
    width: 1.75,
    dash: [...line.dash],
    points: { show: false },
  }));
  return [{}, ...(isSmoothed ? faint : []), ...main];
}

function cursorOf(shape: PlotShape, hooks: PlotHooks): uPlot.Cursor {
  const isFaint = (series: number) => shape.isSmoothed && series <= shape.lines.length;
  return {
    y: false,
    points: { size: (_, series) => (isFaint(series) ? 0 : 7), width: 0 },
    drag: { x: true, y: false, setScale: false, dist: MIN_DRAG_PX },
    // Only the cursor moves in the other charts; what to zoom is for the page to say.
    sync: shape.syncKey
      ? {
          key: shape.syncKey,
          setSeries: false,
          scales: ["x", null],
          filters: { pub: (type) => type === "mousemove" || type === "mouseleave" },
        }
      : undefined,
    bind: {
      dblclick: () => () => {
        hooks.onSelect(null);
        return null;
      },
    },
  };
}

function takeSelection(plot: uPlot, hooks: PlotHooks): void {
  const { left, width } = plot.select;
  if (width < MIN_DRAG_PX) return;
  const first = Math.floor(plot.posToVal(left, "x"));
  const last = Math.ceil(plot.posToVal(left + width, "x"));
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  if (last - first >= 2) hooks.onSelect({ first: Math.max(0, first), last });
}

function endsOf(shape: PlotShape, hooks: PlotHooks) {
  return shape.lines.map((line, number) => ({
    index: mainSeries(shape, number),
    colour: line.colour,
    text: (place: number) => {
      const value = hooks.drawnValue(number, place);
      const shown = typeof value === "number" ? shape.format(value) : "";
      return shape.lines.length > 1 ? `${line.label} ${shown}` : shown;
    },
  }));
}
