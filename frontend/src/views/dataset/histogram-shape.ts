import type { LengthBin } from "@/lib/api/generated/types.gen";

interface Bar {
  bin: LengthBin;
  /** Percent of the height. */
  height: number;
  /** All of its rows are cut. */
  beyond: boolean;
}

export function barsOf(bins: readonly LengthBin[], max: number): Bar[] {
  const highest = Math.max(1, ...bins.map(({ rows }) => rows));
  return bins.map((bin) => ({ bin, height: (100 * bin.rows) / highest, beyond: bin.first_tokens > max }));
}

/**
 * At most so many bars: neighbours are put together, so that a finger can meet each. What lies behind the bins of one width
 * (a few rows that are far longer than the others) keeps to itself, in at most three bars.
 */
export function mergedBins(bins: readonly LengthBin[], most: number): LengthBin[] {
  const end = usualEnd(bins);
  const [usual, far] = [bins.slice(0, end), bins.slice(end)];
  const room = Math.min(MOST_FAR, far.length);
  return [...merged(usual, most - room), ...merged(far, MOST_FAR)];
}

const MOST_FAR = 3;

/** How many bins are of one width; those behind them become wider and wider. */
function usualEnd(bins: readonly LengthBin[]): number {
  const wider = bins.findIndex((bin) => bins[0] && widthOf(bin) > widthOf(bins[0]));
  return wider < 0 ? bins.length : wider;
}

function merged(bins: readonly LengthBin[], most: number): LengthBin[] {
  const size = Math.max(1, Math.ceil(bins.length / most));
  return Array.from({ length: Math.ceil(bins.length / size) }, (_, place) => {
    const group = bins.slice(place * size, (place + 1) * size);
    return {
      first_tokens: group[0]?.first_tokens ?? 0,
      last_tokens: group.at(-1)?.last_tokens ?? 0,
      rows: group.reduce((sum, bin) => sum + bin.rows, 0),
    };
  });
}

/** Where the axis is pressed together: behind this bar, with the rows and the length of what stands there. Null: nowhere. */
export function breakOf(bins: readonly LengthBin[], bars: readonly LengthBin[]): { bar: number; from: number; rows: number } | null {
  const first = bins[usualEnd(bins)];
  if (!first) return null;
  const bar = bars.findIndex((one) => one.first_tokens === first.first_tokens);
  return { bar, from: first.first_tokens - 1, rows: bars.slice(bar).reduce((sum, one) => sum + one.rows, 0) };
}

/** Where a length stands, in percent of the width, with bars that are all as wide as each other; null behind the last. */
export function placeOf(bars: readonly LengthBin[], length: number): number | null {
  const at = bars.findIndex(({ last_tokens }) => length <= last_tokens);
  const bar = bars[at];
  if (!bar) return null;
  const within = Math.max(0, length - bar.first_tokens + 1) / widthOf(bar);
  return (100 * (at + within)) / bars.length;
}

function widthOf({ first_tokens, last_tokens }: LengthBin): number {
  return last_tokens - first_tokens + 1;
}

const QUANTILES = ["p50", "p90", "p95", "p99"];

/** Lengths that so many rows do not exceed, as the ledger tells them, the shortest first. */
export function quantilesOf(told: Readonly<Record<string, number>>): { name: string; percent: number; tokens: number }[] {
  return QUANTILES.flatMap((name) => {
    const tokens = told[name];
    return tokens === undefined ? [] : [{ name, percent: Number(name.slice(1)), tokens: Math.round(tokens) }];
  });
}

/** A length that cuts no row, in round numbers, if the model can hold it. */
export function lengthForAll(longest: number, context: number): number {
  return Math.min(context, Math.ceil(longest / 64) * 64);
}
