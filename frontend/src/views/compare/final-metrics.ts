import type { JobDetail, MetricOut } from "@/lib/api/generated/types.gen";

/** The last value of one metric over all runs. */
export interface MetricRow {
  name: string;
  values: readonly (number | undefined)[];
  /** Which run has the best one; null where better means nothing, or all are the same. */
  best: number | null;
}

export function finalMetrics(jobs: readonly JobDetail[], metrics: readonly MetricOut[]): MetricRow[] {
  const names = sortedNames(new Set(jobs.flatMap((job) => Object.keys(job.latest_metrics))), metrics);
  const better = new Map(metrics.map((metric) => [metric.name, metric.better]));
  return names.map((name) => {
    const values = jobs.map((job) => job.latest_metrics[name]?.value ?? undefined);
    return { name, values, best: bestOf(values, better.get(name) ?? "neither") };
  });
}

/** Names in the order in which their recipes declare them; those that none does come last. */
export function sortedNames(names: ReadonlySet<string>, metrics: readonly MetricOut[]): string[] {
  const order = new Map(metrics.map(({ name }, place) => [name, place]));
  const rank = (name: string) => order.get(name) ?? metrics.length;
  return [...names].sort((one, other) => rank(one) - rank(other) || one.localeCompare(other));
}

export function bestOf(values: readonly (number | undefined)[], better: MetricOut["better"]): number | null {
  const known = values.filter((value): value is number => value !== undefined && Number.isFinite(value));
  if (better === "neither" || known.length < 2 || new Set(known).size < 2) return null;
  return values.indexOf(better === "down" ? Math.min(...known) : Math.max(...known));
}
