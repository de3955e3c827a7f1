import type { ChartSeries } from "@/components/chart/series";
import { isEvaluation } from "@/entities/job/figures";
import type { Curves } from "@/lib/live/curves";

import { alongAxis, type Axis } from "./axis";
import { sortedNames } from "./final-metrics";
import type { ComparedRun } from "./use-compared";

/** What a chart would show of itself or of every run alike. */
const NOT_DRAWN = new Set(["train/epoch", "train/supervised_tokens"]);

/** Every metric that some run has a curve of. */
export function metricNames(curves: ReadonlyMap<string, Curves>): string[] {
  const names = new Set([...curves.values()].flatMap((one) => one.names));
  return sortedNames(names).filter((name) => !NOT_DRAWN.has(name));
}

interface Drawn {
  runs: readonly ComparedRun[];
  curves: ReadonlyMap<string, Curves>;
  axis: Axis;
  hidden: ReadonlySet<string>;
  highlighted: string | null;
  nowMs: number;
}

/** One line a run for a metric; those that are hidden or know no such axis are left out. */
export function linesOf(metric: string, { runs, curves, axis, hidden, highlighted, nowMs }: Drawn): ChartSeries[] {
  return runs.flatMap(({ id, place, job }) => {
    const all = curves.get(id);
    const curve = all?.get(metric);
    if (!job || !all || !curve || hidden.has(id)) return [];
    const steps = alongAxis(axis, curve, all, job, nowMs);
    if (!steps) return [];
    const isFaint = highlighted !== null && highlighted !== id && !hidden.has(highlighted);
    return [{ name: job.id, label: job.name, steps, values: curve.values, colour: place, isFaint, isExact: isEvaluation(metric) }];
  });
}
