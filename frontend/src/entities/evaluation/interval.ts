import type { Figure } from "@/lib/api/generated/types.gen";

type Formats = { metric: (value: number | null | undefined, digits?: number) => string };

/** `0.912 – 0.957`; nothing where no interval can be given. */
export function intervalText({ low, high }: Pick<Figure, "low" | "high">, { metric }: Formats): string | null {
  return low == null || high == null ? null : `${metric(low)} – ${metric(high)}`;
}

/** Where the scale of some figures ends: 1 for shares, else a little beyond the largest. */
export function scaleOf(figures: readonly Figure[]): number {
  const largest = Math.max(...figures.map(({ value, high }) => Math.max(value, high ?? value)), 0);
  return largest <= 1 ? 1 : largest * 1.05;
}

/** A difference with its sign. */
export function signed(value: number, { metric }: Formats): string {
  if (value === 0) return metric(0);
  return `${value > 0 ? "+" : "−"}${metric(Math.abs(value))}`;
}
