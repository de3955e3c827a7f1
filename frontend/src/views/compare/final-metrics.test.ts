import { describe, expect, it } from "vitest";

import { sampleJob } from "@/lib/live/samples";

import { bestOf, finalMetrics } from "./final-metrics";

describe("the final metrics", () => {
  it("mark the lower loss and the higher speed, and no best learning rate", () => {
    const at = (value: number) => ({ step: 1, value });
    const rows = finalMetrics([
      sampleJob({ latest_metrics: { "train/learning_rate": at(1), "train/loss": at(0.5), "train/tokens_per_s": at(9) } }),
      sampleJob({ latest_metrics: { "train/learning_rate": at(2), "train/loss": at(0.4), "train/tokens_per_s": at(8) } }),
    ]);
    expect(rows.map(({ name, best }) => [name, best])).toEqual([
      ["train/loss", 1],
      ["train/tokens_per_s", 0],
      ["train/learning_rate", null],
    ]);
  });

  it("mark nothing where there is nothing to compare", () => {
    expect(bestOf([0.5, undefined], "lower")).toBeNull();
    expect(bestOf([0.5, 0.5], "lower")).toBeNull();
    expect(bestOf([Number.NaN, 0.5, 0.7], "lower")).toBe(1);
  });
});
