import type { Forecast, MemoryForecast } from "@/lib/api/generated/types.gen";

export type Verdict = MemoryForecast["verdict"];

const WORST_FIRST: readonly Verdict[] = ["does_not_fit", "tight", "unknown", "fits"];

/** The verdict on everything that is needed: the worst of its parts. */
export function verdictOf({ memory, disk }: Forecast): Verdict {
  const all: Verdict[] = [memory?.verdict ?? "unknown", disk.verdict];
  return WORST_FIRST.find((verdict) => all.includes(verdict)) ?? "unknown";
}
