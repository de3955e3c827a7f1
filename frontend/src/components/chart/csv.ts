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

/** RFC 4180 with a line for the names. Numbers in full, so that nothing is lost. */
export function toCsv(series: readonly ChartSeries[], stepName = "step"): string {
  const head = [stepName, ...series.map((one) => one.name)].map(quoted).join(",");
  const lines = pointRows(series).map(({ step, values }) =>
    [step, ...values.map((value) => (value === undefined ? "" : String(value)))].join(","),
  );
  return [head, ...lines].join("\r\n") + "\r\n";
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
