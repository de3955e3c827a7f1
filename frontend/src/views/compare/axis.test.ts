import { describe, expect, it } from "vitest";

import { Curves } from "@/lib/live/curves";
import { sampleJob } from "@/lib/live/samples";

import { alongAxis, mapped } from "./axis";

const line = (...values: number[]) => Float64Array.from(values);

describe("another axis", () => {
  it("is straight between the points that are known, and goes on beyond them", () => {
    expect([...mapped(line(1, 15, 20, 30), line(10, 20), line(0.5, 1))]).toEqual([expect.closeTo(0.05), 0.75, 1, 1.5]);
  });

  it("spreads the time of a run over its steps", () => {
    const curves = new Curves();
    curves.reset({ head_seq: 1, series: { "train/loss": { steps: [1, 2, 4], values: [3, 2, 1], total: 3 } } });
    const curve = curves.get("train/loss");
    const job = sampleJob({ started_at: "2026-11-21T03:00:00Z", finished_at: "2026-11-21T03:00:40Z" });
    if (!curve) throw new Error("no curve");
    expect([...(alongAxis("time", curve, curves, job, 0) ?? [])]).toEqual([10, 20, 40]);
    expect(alongAxis("epoch", curve, curves, job, 0)).toBeNull();
  });
});
