import { smooth } from "./ema";
import type { ChartSeries } from "./series";

/** A value to each step of the common axis: null where a value cannot be drawn, undefined where there is none. */
export type Values = (number | null | undefined)[];

export interface Aligned {
  steps: Float64Array;
  /** As measured, one column a series. */
  raw: Values[];
  /** Smoothed, one column a series, but for those that are drawn as measured; empty without smoothing. */
  smoothed: Values[];
}

interface AlignOptions {
  smoothing: number;
  /** On a logarithmic axis there is no place for zero and below. */
  isLog: boolean;
}

/** Series with steps of their own on one common axis. */
export function align(series: readonly ChartSeries[], { smoothing, isLog }: AlignOptions): Aligned {
  const steps = commonSteps(series);
  const column = (own: Float64Array, values: Float64Array) => spread(steps, own, values, isLog);
  return {
    steps,
    raw: series.map((one) => column(one.steps, one.values)),
    smoothed: smoothing > 0 ? series.map((one) => column(one.steps, one.isExact ? one.values : smooth(one.values, smoothing))) : [],
  };
}

/** Every step that any series has, rising, each once. */
export function commonSteps(series: readonly { steps: Float64Array }[]): Float64Array {
  const first = series[0]?.steps ?? new Float64Array();
  if (series.every((one) => isSame(one.steps, first))) return first;
  const all = new Float64Array(series.reduce((sum, one) => sum + one.steps.length, 0));
  let end = 0;
  for (const { steps } of series) {
    all.set(steps, end);
    end += steps.length;
  }
  all.sort();
  let kept = 0;
  for (let place = 0; place < all.length; place += 1) {
    if (place === 0 || all[place] !== all[place - 1]) all[kept++] = all[place] ?? 0;
  }
  return all.subarray(0, kept);
}

function spread(steps: Float64Array, own: Float64Array, values: Float64Array, isLog: boolean): Values {
  const column: Values = new Array<number | null | undefined>(steps.length);
  let place = 0;
  for (let index = 0; index < steps.length; index += 1) {
    if (place >= own.length || steps[index] !== own[place]) {
      column[index] = undefined;
      continue;
    }
    const value = values[place] ?? Number.NaN;
    column[index] = Number.isFinite(value) && (!isLog || value > 0) ? value : null;
    place += 1;
  }
  return column;
}

function isSame(one: Float64Array, other: Float64Array): boolean {
  if (one.length !== other.length) return false;
  for (let place = one.length - 1; place >= 0; place -= 1) if (one[place] !== other[place]) return false;
  return true;
}
