import type { MetricsOut } from "../api/generated/types.gen";
import type { JobEvent } from "./messages";

const FIRST_CAPACITY = 256;

/** One curve: steps rise; a step that comes again (after a resume) takes the new value. */
export class Curve {
  private stepBuffer = new Float64Array(FIRST_CAPACITY);
  private valueBuffer = new Float64Array(FIRST_CAPACITY);
  private count = 0;

  get length(): number {
    return this.count;
  }

  /** Views of what is there now; they stay as they are but for repeated steps. */
  get steps(): Float64Array {
    return this.stepBuffer.subarray(0, this.count);
  }

  get values(): Float64Array {
    return this.valueBuffer.subarray(0, this.count);
  }

  set(step: number, value: number): void {
    const place = this.placeOf(step);
    if (place < this.count && this.stepBuffer[place] === step) {
      this.valueBuffer[place] = value;
      return;
    }
    if (this.count === this.stepBuffer.length) this.grow();
    if (place < this.count) {
      this.stepBuffer.copyWithin(place + 1, place, this.count);
      this.valueBuffer.copyWithin(place + 1, place, this.count);
    }
    this.stepBuffer[place] = step;
    this.valueBuffer[place] = value;
    this.count += 1;
  }

  /** The first place whose step is not below `step`; nearly always the end. */
  private placeOf(step: number): number {
    if (this.count === 0 || step > (this.stepBuffer[this.count - 1] ?? 0)) return this.count;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.stepBuffer[middle] ?? 0) < step) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private grow(): void {
    const [steps, values] = [this.stepBuffer, this.valueBuffer];
    this.stepBuffer = new Float64Array(steps.length * 2);
    this.valueBuffer = new Float64Array(values.length * 2);
    this.stepBuffer.set(steps);
    this.valueBuffer.set(values);
  }
}

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
    this.headSeq = metrics.head_seq;
    this.grown = 0;
  }

  /** Add the points of new events; whether there were any. */
  apply(events: readonly JobEvent[]): boolean {
    let changed = false;
    for (const { seq, body } of events) {
      if (seq <= this.headSeq) continue;
      this.headSeq = seq;
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
