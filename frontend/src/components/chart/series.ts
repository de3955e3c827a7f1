/** One line of a chart: steps rise, and there is a value to each. */
export interface ChartSeries {
  /** Its stable name: `train/loss`. */
  name: string;
  /** What people read: 学習. */
  label: string;
  steps: Float64Array;
  values: Float64Array;
  /** Which colour of `LINE_COLOURS`; beyond the last it begins anew. */
  colour?: number;
  /** Lengths of strokes and gaps; by default the one of `LINE_DASHES` with the colour's number. */
  dash?: readonly number[];
  /** Drawn as measured whatever the smoothing: few points, each a measurement of its own, such as an evaluation's. */
  isExact?: boolean;
  /** Stands back, while another line is pointed out. */
  isFaint?: boolean;
}

/** The part of the x axis in sight. */
export interface ChartRange {
  first: number;
  last: number;
}

/** Names of CSS tokens. Neighbours differ in lightness too, and no two lines share colour and dash. */
export const LINE_COLOURS = [
  "--ai",
  "--caution",
  "--good",
  "--bad",
  "--ink-2",
  "--ai-strong",
  "--caution-mark",
  "--good-mark",
] as const;

const FAINT = "--line-strong";

export const LINE_DASHES: readonly (readonly number[])[] = [
  [],
  [5, 3],
  [2, 3],
  [9, 3, 2, 3],
  [10, 4],
  [2, 2, 6, 2],
  [4, 2, 1, 2, 1, 2],
  [1, 4],
];

export function colourOf(series: ChartSeries, place: number): string {
  if (series.isFaint) return FAINT;
  return LINE_COLOURS[(series.colour ?? place) % LINE_COLOURS.length] ?? LINE_COLOURS[0];
}

export function dashOf(series: ChartSeries, place: number): readonly number[] {
  return series.dash ?? LINE_DASHES[(series.colour ?? place) % LINE_DASHES.length] ?? [];
}

/** The place of the last step that is not above `step`; -1 when all are. */
export function placeAt(steps: Float64Array, step: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle] ?? 0) <= step) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
