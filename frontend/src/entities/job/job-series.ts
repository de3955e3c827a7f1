import type { ChartSeries } from "@/components/chart/series";
import { isEvaluation } from "./figures";
import type { Curves } from "@/lib/live/curves";

export interface LineSpec {
  name: string;
  label: string;
  colour: number;
}

/** The curves of a job as lines of a chart; those without a point are left out. */
export function linesOf(curves: Pick<Curves, "get">, specs: readonly LineSpec[]): ChartSeries[] {
  return specs.flatMap(({ name, label, colour }) => {
    const curve = curves.get(name);
    return curve && curve.length > 0 ? [{ name, label, colour, steps: curve.steps, values: curve.values, isExact: isEvaluation(name) }] : [];
  });
}
