import type { ChartSeries } from "@/components/chart/series";
import type { MetricOut, RecipeOut, Words } from "@/lib/api/generated/types.gen";
import type { Curves } from "@/lib/live/curves";

import { alongAxis, type Axis, inUnits } from "./axis";

export interface LineSpec {
  name: string;
  label: string;
  colour: number;
  /** Each point is a measurement of its own. */
  isExact: boolean;
}

/** Curves that are drawn together. */
export interface JobChart {
  name: string;
  title: string;
  unit: MetricOut["unit"];
  lines: readonly LineSpec[];
}

/** The charts of a job's page, the one with the main curve first. */
export function chartsOf({ metrics, charts }: Pick<RecipeOut, "metrics" | "charts">, locale: keyof Words): JobChart[] {
  const drawn = metrics.filter((metric) => metric.drawn);
  const main = (drawn.find((metric) => metric.main) ?? drawn[0])?.chart;
  const names = [...new Set(drawn.map(({ chart }) => chart))].toSorted((one, other) => Number(other === main) - Number(one === main));
  return names.map((name) => {
    const members = drawn.filter(({ chart }) => chart === name);
    const lines = members.map((metric, colour) => ({ name: metric.name, label: metric.title[locale], colour, isExact: metric.sparse }));
    return { name, title: charts[name]?.[locale] ?? lines[0]?.label ?? name, unit: members[0]?.unit ?? "none", lines };
  });
}

/** What is along, and how many of its own units the drawn one holds: 60 for minutes. */
export interface Along {
  axis: Axis;
  unit: number;
}

/** The curves of a job as lines of a chart; those without a point, or without such an axis, are left out. */
export function linesOf(curves: Curves, specs: readonly LineSpec[], { axis, unit }: Along): ChartSeries[] {
  return specs.flatMap(({ name, label, colour, isExact }) => {
    const curve = curves.get(name);
    const points = curve && curve.length > 0 ? inUnits(alongAxis(axis, curve, curves, []), unit) : null;
    return points ? [{ name, label, colour, ...points, isExact }] : [];
  });
}
