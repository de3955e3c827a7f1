import { describe, expect, it } from "vitest";

import type { MetricOut } from "@/lib/api/generated/types.gen";
import { Curves } from "@/lib/live/curves";
import { sampleEvent } from "@/lib/live/samples";

import { alongAxis, axesOf, inUnits, mapped, timeUnit, unitName } from "./axis";
import { linesOf } from "./job-series";

const line = (...values: number[]) => Float64Array.from(values);
const metric = (name: string, unit: MetricOut["unit"]): MetricOut => ({
  name,
  unit,
  title: { ja: name, en: name },
  chart: name,
  better: "neither",
  axis: "linear",
  drawn: true,
  main: false,
  sparse: false,
  tile: null,
});
const METRICS = [metric("quality", "none"), metric("seen", "tokens")];
const at = (seconds: number) => new Date(Date.UTC(2026, 10, 30, 9, 0, seconds)).toISOString();

function curvesAt(clock: { steps: number[]; seconds: number[]; at: string | null; at_s: number }): Curves {
  const curves = new Curves();
  const series = { quality: { steps: [1, 2, 4], values: [3, 2, 1], total: 3 }, seen: { steps: [2, 4], values: [100, 300], total: 2 } };
  curves.reset({ head_seq: 1, clock: { ...clock, waited_s: 0 }, series });
  return curves;
}

function along(axis: Parameters<typeof alongAxis>[0], curves: Curves): { x: number[]; y: number[] } | null {
  const curve = curves.get("quality");
  if (!curve) throw new Error("no curve");
  const points = alongAxis(axis, curve, curves, METRICS);
  return points && { x: [...points.steps], y: [...points.values] };
}

describe("another axis", () => {
  it("is straight between the points that are known, and goes on beyond them", () => {
    expect([...mapped(line(1, 15, 20, 30), line(10, 20), line(0.5, 1))]).toEqual([expect.closeTo(0.05), 0.75, 1, 1.5]);
  });

  it("of time is when the steps were measured, not a share of the whole", () => {
    const curves = curvesAt({ steps: [1, 2, 4], seconds: [8, 9, 30], at: null, at_s: 40 });
    expect(along("time", curves)).toEqual({ x: [8, 9, 30], y: [3, 2, 1] });
  });

  it("of time leaves out what an earlier try had measured further on", () => {
    expect(along("time", curvesAt({ steps: [1, 2], seconds: [8, 9], at: null, at_s: 40 }))).toEqual({ x: [8, 9], y: [3, 2] });
  });

  it("is found by the unit of a metric, whatever the recipe calls it", () => {
    const curves = curvesAt({ steps: [], seconds: [], at: null, at_s: 0 });
    expect(along("tokens", curves)).toEqual({ x: [0, 100, 300], y: [3, 2, 1] });
    expect(along("epoch", curves)).toBeNull();
    expect(axesOf(curves, METRICS)).toEqual(["step", "tokens"]);
  });
});

describe("the clock of a run", () => {
  const point = (seq: number, step: number, seconds: number) => ({
    ...sampleEvent(seq, { type: "metrics", step, values: { quality: 0 } }),
    at: at(seconds),
  });
  const turn = (seq: number, state: "queued" | "running", seconds: number) => ({ ...sampleEvent(seq, { type: "state", state }), at: at(seconds) });

  it("goes on with the events, and stands still while the job waits", () => {
    const curves = curvesAt({ steps: [1, 2, 4], seconds: [1, 2, 4], at: at(5), at_s: 5 });
    curves.apply([point(2, 5, 6), turn(3, "queued", 10), turn(4, "running", 50), point(5, 6, 51)]);
    expect([...curves.clock.steps]).toEqual([1, 2, 4, 5, 6]);
    expect([...curves.clock.values]).toEqual([1, 2, 4, 6, 11]);
  });

  it("takes steps that come again at their new time", () => {
    const curves = curvesAt({ steps: [1, 2, 4], seconds: [1, 2, 4], at: at(5), at_s: 5 });
    curves.apply([turn(2, "queued", 6), turn(3, "running", 20), point(4, 2, 22)]);
    expect([...curves.clock.steps]).toEqual([1, 2]);
    expect([...curves.clock.values]).toEqual([1, 8]);
  });
});

describe("time", () => {
  const long = curvesAt({ steps: [1, 4], seconds: [300, 1200], at: null, at_s: 0 });

  it("is read in seconds, minutes or hours, as the longest run asks", () => {
    const short = curvesAt({ steps: [1, 4], seconds: [3, 90], at: null, at_s: 0 });
    expect([timeUnit([short]), timeUnit([short, long]), timeUnit([])]).toEqual([1, 60, 1]);
    expect([1, 60, 3600].map(unitName)).toEqual(["s", "min", "h"]);
    expect(inUnits(null, 60)).toBeNull();
  });

  it("is along the curves of a job in that unit, and its steps are as they were", () => {
    const specs = [{ name: "quality", label: "Quality", colour: 0, isExact: false }];
    const places = (axis: "step" | "time", unit: number) => linesOf(long, specs, { axis, unit }).map(({ steps }) => [...steps]);
    expect(places("time", 60)).toEqual([[5, 10, 20]]);
    expect(places("step", 1)).toEqual([[1, 2, 4]]);
  });
});
