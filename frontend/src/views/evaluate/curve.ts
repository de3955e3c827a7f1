type Point = readonly [number, number];

/** What of the plane a curve needs: from 0 to 1 where it is of shares. */
export function frameOf(points: readonly Point[]) {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [left, right] = room(xs);
  const [low, high] = room(ys);
  return { left, right, low, high };
}

/** The `d` of a path through points of the picture. */
export function pathOf(points: readonly Point[]): string {
  return points.map(([x, y], place) => `${place === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

function room(values: readonly number[]): readonly [number, number] {
  const [least, most] = [Math.min(...values, 0), Math.max(...values)];
  if (least >= 0 && most <= 1) return [0, 1];
  return [least, most > least ? most : least + 1];
}
