import type { JobOut, LatestMetric, MetricOut } from "@/lib/api/generated/types.gen";

const WORDS = { nan: "NaN", inf: "∞", "-inf": "−∞" } as const;

/** What a figure became that is no number: NaN, ∞; null while it is one, or is not known. */
export function notFinite(metric: LatestMetric | undefined): string | null {
  return metric?.not_finite ? WORDS[metric.not_finite] : null;
}

/** Whether a run ended because its figures left the numbers. */
export function hasDiverged(job: Pick<JobOut, "failure">): boolean {
  return job.failure?.failure_class === "diverged";
}

/** Whether a recipe says that a curve is of evaluations: few points, each a measurement of its own that is never smoothed. */
export function isEvaluation(name: string, metrics: readonly Pick<MetricOut, "name" | "sparse">[]): boolean {
  return metrics.some((metric) => metric.name === name && metric.sparse);
}
