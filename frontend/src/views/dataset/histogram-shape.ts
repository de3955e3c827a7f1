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

/** Where the line of the longest row stands, in percent of the width; null where no bar reaches it. */
export function lineAt(bins: readonly LengthBin[], max: number): number | null {
  const end = bins.at(-1)?.last_tokens ?? 0;
  return end === 0 || max > end ? null : (100 * max) / end;
}

/** Numbers below the bars: the beginning, the middle, the end. */
export function ticksOf(bins: readonly LengthBin[]): number[] {
  const end = bins.at(-1)?.last_tokens ?? 0;
  return end < 2 ? [end] : [0, Math.round(end / 2), end];
}

/** A length that cuts no row, in round numbers, if the model can hold it. */
export function lengthForAll(longest: number, context: number): number {
  return Math.min(context, Math.ceil(longest / 64) * 64);
}
