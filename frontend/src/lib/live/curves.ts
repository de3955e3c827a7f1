import type { MetricsOut } from "../api/generated/types.gen";
import { Curve } from "./curve";
import type { JobEvent } from "./messages";
import { RunClock } from "./run-clock";

const growing = new WeakMap<MetricsOut, Curves>();

/** The curves of an answer, the same object to all who ask: it grows on where a part of the page has left it. */
export function curvesOf(metrics: MetricsOut | undefined): Curves {
  const known = metrics && growing.get(metrics);
  if (known) return known;
  const curves = new Curves();
  if (metrics) {
    curves.reset(metrics);
    growing.set(metrics, curves);
  }
  return curves;
}

/** All curves of a job: what the API gave, and every point since. */
export class Curves {
  headSeq = 0;
  /** How many events have added points since the API's answer. */
  grown = 0;
  readonly clock = new RunClock();
  private curves = new Map<string, Curve>();

  get names(): string[] {
    return [...this.curves.keys()];
  }

  get(name: string): Curve | undefined {
    return this.curves.get(name);
  }

  /** Begin anew with what the API gives, which holds every event up to its `head_seq`. */
  reset(metrics: MetricsOut): void {
    this.curves = new Map();
    for (const [name, { steps, values }] of Object.entries(metrics.series)) {
      const curve = this.curveOf(name);
      steps.forEach((step, place) => curve.set(step, values[place] ?? Number.NaN));
    }
    this.clock.reset(metrics.clock);
    this.headSeq = metrics.head_seq;
    this.grown = 0;
  }

  /** Add the points of new events; whether there were any. */
  apply(events: readonly JobEvent[]): boolean {
    let changed = false;
    for (const event of events) {
      const { seq, body } = event;
      if (seq <= this.headSeq) continue;
      this.headSeq = seq;
      this.clock.apply(event);
      if (body.type !== "metrics") continue;
      for (const [name, value] of Object.entries(body.values)) this.curveOf(name).set(body.step, value);
      this.grown += 1;
      changed = true;
    }
    return changed;
  }

  private curveOf(name: string): Curve {
    const known = this.curves.get(name);
    if (known) return known;
    const curve = new Curve();
    this.curves.set(name, curve);
    return curve;
  }
}
