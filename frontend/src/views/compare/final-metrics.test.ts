import { describe, expect, it } from "vitest";

import type { MetricOut } from "@/lib/api/generated/types.gen";
import { sampleJob } from "@/lib/live/samples";

import { bestOf, finalMetrics } from "./final-metrics";

const metric = (name: string, better: MetricOut["better"]): MetricOut => ({
  name,
  better,
  title: { ja: name, en: name },
  chart: name,
  unit: "none",
  axis: "linear",
  drawn: true,
  main: false,
  sparse: false,
  tile: null,
});

describe("the final metrics", () => {
  it("mark the lower loss and the higher speed, and no best learning rate", () => {
    const at = (value: number) => ({ step: 1, value });
    const metrics = [metric("train/loss", "down"), metric("train/tokens_per_s", "up"), metric("train/learning_rate", "neither")];
    const rows = finalMetrics(
      [
        sampleJob({ latest_metrics: { "a/unknown": at(1), "train/learning_rate": at(1), "train/loss": at(0.5), "train/tokens_per_s": at(9) } }),
        sampleJob({ latest_metrics: { "train/learning_rate": at(2), "train/loss": at(0.4), "train/tokens_per_s": at(8) } }),
      ],
      metrics,
    );
    expect(rows.map(({ name, best }) => [name, best])).toEqual([
      ["train/loss", 1],
      ["train/tokens_per_s", 0],
      ["train/learning_rate", null],
      ["a/unknown", null],
    ]);
  });

  it("mark nothing where there is nothing to compare", () => {
    expect(bestOf([0.5, undefined], "down")).toBeNull();
    expect(bestOf([0.5, 0.5], "down")).toBeNull();
    expect(bestOf([Number.NaN, 0.5, 0.7], "down")).toBe(1);
  });
});
