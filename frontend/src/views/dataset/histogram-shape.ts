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

/** At most so many bars: neighbours are put together, so that a finger can meet each. */
export function mergedBins(bins: readonly LengthBin[], most: number): LengthBin[] {
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
