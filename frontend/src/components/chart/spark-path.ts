const EDGE = 2.5;

interface SparkPath {
  /** `d` of an SVG path; empty when fewer than two values were measured. */
  path: string;
  /** Where the newest measured value stands. */
  last: { x: number; y: number } | null;
}

/** Values as a line that fills the box; gaps where a value is missing, a flat line in the middle when all are equal. `range`: fixed, not of the values. */
export function sparkPath(
  values: readonly (number | null)[],
  width: number,
  height: number,
  range?: readonly [low: number, high: number],
): SparkPath {
  const known = values.filter(isMeasured);
  const [low, high] = range ?? [Math.min(...known), Math.max(...known)];
  const span = high - low;
  const spotOf = (value: number, index: number) => ({
    x: round(values.length < 2 ? width - EDGE : EDGE + (index / (values.length - 1)) * (width - 2 * EDGE)),
    y: round(span === 0 ? height / 2 : EDGE + ((high - value) / span) * (height - 2 * EDGE)),
  });
  let path = "";
  let last: SparkPath["last"] = null;
  let pen = "M";
  values.forEach((value, index) => {
    if (!isMeasured(value)) {
      pen = "M";
      return;
    }
    last = spotOf(value, index);
    path += `${pen}${last.x} ${last.y}`;
    pen = "L";
  });
  return { path: known.length < 2 ? "" : path, last };
}

function isMeasured(value: number | null): value is number {
  return value !== null && Number.isFinite(value);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
