import type { Confusion } from "@/lib/api/generated/types.gen";

/** The share of each cell among the rows that are of its class; 0 where there are none. */
export function sharesOf({ counts }: Confusion): number[][] {
  return counts.map((row) => {
    const all = row.reduce((sum, count) => sum + count, 0);
    return row.map((count) => (all > 0 ? count / all : 0));
  });
}

/** The cell that an arrow leads to; null where there is none. */
export function cellAfter(key: string, row: number, column: number, size: number): readonly [number, number] | null {
  const steps: Record<string, readonly [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const step = steps[key];
  if (!step) return null;
  const [down, right] = [row + step[0], column + step[1]];
  return down < 0 || right < 0 || down >= size || right >= size ? null : [down, right];
}
