/**
 * Heights for labels that would like to stand at `wanted`, moved as little as keeps them `gap` apart and between `top`
 * and `bottom`. In the order of `wanted`.
 */
export function spreadLabels(wanted: readonly number[], gap: number, top: number, bottom: number): number[] {
  const order = wanted.map((_, place) => place).sort((one, other) => (wanted[one] ?? 0) - (wanted[other] ?? 0));
  const placed = wanted.map((height) => Math.min(bottom, Math.max(top, height)));
  let floor = Number.NEGATIVE_INFINITY;
  for (const place of order) {
    floor = Math.max(placed[place] ?? 0, floor + gap);
    placed[place] = floor;
  }
  let ceiling = bottom;
  for (const place of order.toReversed()) {
    const height = Math.min(placed[place] ?? 0, ceiling);
    placed[place] = height;
    ceiling = height - gap;
  }
  return placed;
}
