import { describe, expect, it } from "vitest";

import { sampleJob } from "@/lib/live/samples";
import { hasDiverged, notFinite } from "./figures";

describe("a figure that is no number", () => {
  it("is shown as what it became", () => {
    const words = (["nan", "inf", "-inf"] as const).map((word) => notFinite({ step: 7, value: null, not_finite: word }));
    expect(words).toEqual(["NaN", "∞", "−∞"]);
  });

  it("is none where it is a number, or was never told", () => {
    expect([notFinite({ step: 7, value: 0.5 }), notFinite(undefined)]).toEqual([null, null]);
  });
});

it("tells a run that diverged from one that failed otherwise", () => {
  const failed = (failure_class: "diverged" | "input") => sampleJob({ state: "failed", failure: { failure_class, code: "c", ja: "あ", en: "a" } });
  expect([failed("diverged"), failed("input"), sampleJob()].map(hasDiverged)).toEqual([true, false, false]);
});
