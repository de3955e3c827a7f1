export type Column = ArrayLike<number | null | undefined>;

/** Sorting more than this for two quantiles buys nothing that the eye sees. */
const SAMPLES = 4000;
const ROOM = 0.06;

/** Smallest and largest finite value between two places of some columns; null when there is none. */
export function extent(columns: readonly Column[], from: number, to: number): [number, number] | null {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const column of columns) {
    for (let place = from; place <= to; place += 1) {
      const value = column[place];
      if (value === null || value === undefined) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : null;
}

/** Bounds that leave out the outermost `share` at either end, so that one wild value does not flatten the rest. */
export function clippedExtent(
  columns: readonly Column[],
  from: number,
  to: number,
  share = 0.02,
): [number, number] | null {
  const values = sampled(columns, from, to);
  if (values.length === 0) return null;
  values.sort();
  const at = (quantile: number) => values[Math.round(quantile * (values.length - 1))] ?? 0;
  return [at(share), at(1 - share)];
}

/** Bounds with some air; a flat line gets air on both sides. On a logarithmic axis the air is a factor. */
export function withRoom([low, high]: [number, number], isLog: boolean): [number, number] {
  if (isLog) {
    const factor = low === high ? 2 : (high / low) ** ROOM;
    return [low / factor, high * factor];
  }
  const room = low === high ? Math.abs(low) * 0.1 || 1 : (high - low) * ROOM;
  const bottom = low - room;
  return [low >= 0 && bottom < 0 ? 0 : bottom, high + room];
}

function sampled(columns: readonly Column[], from: number, to: number): Float64Array {
  const stride = Math.max(1, Math.ceil(((to - from + 1) * columns.length) / SAMPLES));
  const values: number[] = [];
  for (const column of columns) {
    for (let place = from; place <= to; place += stride) {
      const value = column[place];
      if (value !== null && value !== undefined) values.push(value);
    }
  }
  return Float64Array.from(values);
}
