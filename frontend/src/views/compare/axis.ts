import type { JobOut } from "@/lib/api/generated/types.gen";
import type { Curve, Curves } from "@/lib/live/curves";

export const AXES = ["step", "epoch", "time"] as const;
export type Axis = (typeof AXES)[number];

const EPOCH = "train/epoch";

/** Steps of a curve along another axis; null where the run does not know it. */
export function alongAxis(axis: Axis, curve: Curve, curves: Curves, job: JobOut, nowMs: number): Float64Array | null {
  if (axis === "step") return curve.steps;
  if (axis === "epoch") {
    const epochs = curves.get(EPOCH);
    return epochs && epochs.length > 0 ? mapped(curve.steps, epochs.steps, epochs.values) : null;
  }
  const perStep = secondsPerStep(curves, job, nowMs);
  return perStep === null ? null : curve.steps.map((step) => step * perStep);
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

/** Every step as long as the others: the API keeps no time with its points. */
function secondsPerStep(curves: Curves, job: JobOut, nowMs: number): number | null {
  const last = Math.max(0, ...curves.names.map((name) => curves.get(name)?.steps.at(-1) ?? 0));
  if (!job.started_at || last === 0) return null;
  const end = job.finished_at ? Date.parse(job.finished_at) : nowMs;
  return Math.max(0, end - Date.parse(job.started_at)) / 1000 / last;
}
