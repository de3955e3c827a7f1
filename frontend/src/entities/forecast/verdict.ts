import type { Forecast, MemoryForecast } from "@/lib/api/generated/types.gen";

export type Verdict = MemoryForecast["verdict"];

/** How a verdict looks: of a badge, and of the dot in it. */
export const VERDICT_TONE = { fits: "good", tight: "caution", does_not_fit: "bad", unknown: "neutral" } as const;
export const VERDICT_MARK = { fits: "bg-good-mark", tight: "bg-caution-mark", does_not_fit: "bg-bad-mark", unknown: "bg-ink-3" } as const;

const WORST_FIRST: readonly Verdict[] = ["does_not_fit", "tight", "unknown", "fits"];

/** The verdict on everything that is needed: the worst of its parts. */
export function verdictOf({ memory, disk }: Forecast): Verdict {
  const all: Verdict[] = [memory?.verdict ?? "unknown", disk.verdict];
  return WORST_FIRST.find((verdict) => all.includes(verdict)) ?? "unknown";
}
