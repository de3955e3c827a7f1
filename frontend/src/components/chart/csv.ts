import { csvOf } from "@/lib/csv";

import { commonSteps } from "./align";
import type { ChartSeries } from "./series";

/** One row of the table twin: a value to each series, undefined where it has none. */
export interface PointRow {
  step: number;
  values: (number | undefined)[];
}

/** Every point of every series, by step. */
export function pointRows(series: readonly ChartSeries[]): PointRow[] {
  const steps = commonSteps(series);
  const places = series.map(() => 0);
  return Array.from(steps, (step) => ({
    step,
    values: series.map((one, column) => {
      const place = places[column] ?? 0;
      if (one.steps[place] !== step) return undefined;
      places[column] = place + 1;
      return one.values[place];
    }),
  }));
}

/** Numbers in full, under the names of the series. */
export function toCsv(series: readonly ChartSeries[], stepName = "step"): string {
  return csvOf([[stepName, ...series.map((one) => one.name)], ...pointRows(series).map(({ step, values }) => [step, ...values])]);
}
