import type { MetricOut } from "@/lib/api/generated/types.gen";
import type { Curve } from "@/lib/live/curve";
import type { Curves } from "@/lib/live/curves";

export const AXES = ["step", "epoch", "tokens", "time"] as const;
export type Axis = (typeof AXES)[number];

/** Axes that are themselves a curve of the run, by the unit of its metric. */
const UNITS: Partial<Record<Axis, MetricOut["unit"]>> = { epoch: "epochs", tokens: "tokens" };

const MINUTE_S = 60;
const HOUR_S = 3600;
/** From so many of the smaller unit on, time is counted in the larger. */
const MANY = 10;

export interface Points {
  steps: Float64Array;
  values: Float64Array;
}

/** Whether a metric counts along: it is an axis, and no chart of its own. */
export function isAxis({ unit }: Pick<MetricOut, "unit">): boolean {
  return Object.values(UNITS).includes(unit);
}

/** The axes that a run of these metrics knows. */
export function axesOf(curves: Curves, metrics: readonly MetricOut[]): Axis[] {
  return AXES.filter((axis) => axis === "step" || known(axis, curves, metrics) !== null);
}

/** A curve over another axis than its steps (seconds, for that of time); null where the run does not know it. */
export function alongAxis(axis: Axis, curve: Curve, curves: Curves, metrics: readonly MetricOut[]): Points | null {
  if (axis === "step") return { steps: curve.steps, values: curve.values };
  const line = known(axis, curves, metrics);
  if (!line) return null;
  // What lies behind was measured by an earlier try, which the present one has not reached again.
  const end = axis === "time" ? (line.steps.at(-1) ?? 0) : Number.POSITIVE_INFINITY;
  return rising(mapped(curve.steps, line.steps, line.values), curve, end);
}

/** Seconds of the unit in which the times of some runs are read: 1, 60 or 3600. */
export function timeUnit(runs: Iterable<Curves>): number {
  const longest = Math.max(0, ...[...runs].map(({ clock }) => clock.values.at(-1) ?? 0));
  if (longest >= MANY * HOUR_S) return HOUR_S;
  return longest >= MANY * MINUTE_S ? MINUTE_S : 1;
}

/** What a chart calls such a unit. */
export function unitName(unit: number): "s" | "min" | "h" {
  return unit === 1 ? "s" : unit === MINUTE_S ? "min" : "h";
}

export function inUnits(points: Points | null, unit: number): Points | null {
  return points && unit !== 1 ? { ...points, steps: points.steps.map((place) => place / unit) } : points;
}

/** The values at some steps of a line that is known at others: straight in between, on as it went beyond its ends. */
export function mapped(steps: Float64Array, known: Float64Array, values: Float64Array): Float64Array {
  let place = 0;
  return steps.map((step) => {
    while (place < known.length - 2 && (known[place + 1] ?? 0) < step) place += 1;
    const [from = 0, to = from] = [known[place], known[place + 1]];
    const [low = 0, high = low] = [values[place], values[place + 1]];
    if (to === from) return from === 0 ? low : (low * step) / from;
    return low + ((high - low) * (step - from)) / (to - from);
  });
}

function known(axis: Axis, curves: Curves, metrics: readonly MetricOut[]): Points | null {
  const name = metrics.find(({ unit }) => unit === UNITS[axis])?.name;
  const line = axis === "time" ? curves.clock : name === undefined ? undefined : curves.get(name);
  return line && line.steps.length > 0 ? line : null;
}

/** Places that rise, each with its value: a chart takes no other. */
function rising(places: Float64Array, { steps, values }: Points, end: number): Points {
  const kept: number[] = [];
  let last = Number.NEGATIVE_INFINITY;
  places.forEach((place, index) => {
    if (place <= last || (steps[index] ?? 0) > end) return;
    kept.push(index);
    last = place;
  });
  if (kept.length === places.length) return { steps: places, values };
  return { steps: Float64Array.from(kept, (index) => places[index] ?? 0), values: Float64Array.from(kept, (index) => values[index] ?? Number.NaN) };
}
