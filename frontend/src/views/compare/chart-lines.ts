import type { ChartSeries } from "@/components/chart/series";
import { alongAxis, type Axis, inUnits, isAxis } from "@/entities/job/axis";
import { isEvaluation } from "@/entities/job/figures";
import type { MetricOut } from "@/lib/api/generated/types.gen";
import type { Curves } from "@/lib/live/curves";

import { sortedNames } from "./final-metrics";
import type { ComparedRun } from "./use-compared";

export const SHOWN = ["all", "train", "eval"] as const;
/** Which metrics have a chart: all, those of the training, those of its evaluations. */
export type Shown = (typeof SHOWN)[number];

/** Every metric that some run has a curve of, but for those that are axes. */
export function metricNames(curves: ReadonlyMap<string, Curves>, metrics: readonly MetricOut[]): string[] {
  const axes = new Set(metrics.filter(isAxis).map(({ name }) => name));
  const names = new Set([...curves.values()].flatMap((one) => one.names));
  return sortedNames(names, metrics).filter((name) => !axes.has(name));
}

export function isShown(metric: string, shown: Shown, metrics: readonly MetricOut[]): boolean {
  return shown === "all" || isEvaluation(metric, metrics) === (shown === "eval");
}

/** A curve that is read for its course; one that is neither better high nor low is read for each of its values. */
export function isSmoothed(metric: MetricOut | undefined): boolean {
  return metric !== undefined && metric.better !== "neither";
}

interface Drawn {
  runs: readonly ComparedRun[];
  curves: ReadonlyMap<string, Curves>;
  metrics: readonly MetricOut[];
  axis: Axis;
  hidden: ReadonlySet<string>;
  highlighted: string | null;
  /** How many of the axis' own units the drawn one holds: 60 for minutes. */
  unit: number;
}

/** One line a run for a metric; those that are hidden or know no such axis are left out. */
export function linesOf(metric: string, { runs, curves, metrics, axis, hidden, highlighted, unit }: Drawn): ChartSeries[] {
  return runs.flatMap(({ id, place, job }) => {
    const all = curves.get(id);
    const curve = all?.get(metric);
    if (!job || !all || !curve || hidden.has(id)) return [];
    const points = inUnits(alongAxis(axis, curve, all, metrics), unit);
    if (!points) return [];
    const isFaint = highlighted !== null && highlighted !== id && !hidden.has(highlighted);
    return [{ name: job.id, label: job.name, ...points, colour: place, isFaint, isExact: isEvaluation(metric, metrics) }];
  });
}
