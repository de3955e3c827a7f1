import type { ResourcesOut } from "@/lib/api/generated/types.gen";

/** Two minutes, at one sample in two seconds. */
export const KEPT = 60;

/** The samples with a newer one at the end; the same array where there is nothing new. */
export function withSample(samples: readonly ResourcesOut[], now: ResourcesOut | undefined): readonly ResourcesOut[] {
  if (!now || samples[samples.length - 1]?.at === now.at) return samples;
  return [...samples, now].slice(-KEPT);
}
