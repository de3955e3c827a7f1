import type { JobDetail } from "@/lib/api/generated/types.gen";

/** The last value of one metric over all runs. */
export interface MetricRow {
  name: string;
  values: readonly (number | undefined)[];
  /** Which run has the best one; null where better means nothing, or all are the same. */
  best: number | null;
}

type Better = "lower" | "higher";

const BETTER: Readonly<Record<string, Better>> = {
  "train/loss": "lower",
  "train/perplexity": "lower",
  "eval/loss": "lower",
  "eval/perplexity": "lower",
  "train/tokens_per_s": "higher",
  "memory/bytes": "lower",
};

/** Metrics that people ask for first. */
const FIRST = ["train/loss", "eval/loss", "train/perplexity", "eval/perplexity", "train/tokens_per_s", "memory/bytes"];

export function finalMetrics(jobs: readonly JobDetail[]): MetricRow[] {
  const names = sortedNames(new Set(jobs.flatMap((job) => Object.keys(job.latest_metrics))));
  return names.map((name) => {
    const values = jobs.map((job) => job.latest_metrics[name]?.value ?? undefined);
    return { name, values, best: bestOf(values, BETTER[name]) };
  });
}

/** Names in the order in which charts and tables show them. */
export function sortedNames(names: ReadonlySet<string>): string[] {
  const rank = (name: string) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return [...names].sort((one, other) => rank(one) - rank(other) || one.localeCompare(other));
}

export function bestOf(values: readonly (number | undefined)[], better: Better | undefined): number | null {
  const known = values.filter((value): value is number => value !== undefined && Number.isFinite(value));
  if (!better || known.length < 2 || new Set(known).size < 2) return null;
  return values.indexOf(better === "lower" ? Math.min(...known) : Math.max(...known));
}
