import type { Curves } from "@/lib/live/curves";

interface CsvRun {
  id: string;
  name: string;
  curves: Curves | undefined;
}

/** One line a point: run, its name, metric, step, value. Numbers in full. RFC 4180. */
export function compareCsv(runs: readonly CsvRun[]): string {
  const lines = ["run,name,metric,step,value"];
  for (const { id, name, curves } of runs) {
    for (const metric of curves?.names ?? []) {
      const curve = curves?.get(metric);
      curve?.steps.forEach((step, place) =>
        lines.push([id, quoted(name), quoted(metric), step, curve.values[place] ?? ""].join(",")),
      );
    }
  }
  return lines.join("\r\n") + "\r\n";
}

/** A leading sign of a formula is disarmed: names are free text, and tables open in spreadsheets. */
function quoted(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
