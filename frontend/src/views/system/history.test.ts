import { describe, expect, it } from "vitest";

import { KEPT, withSample } from "./history";

const sample = (second: number) => ({
  at: `2026-11-21T00:00:${String(second).padStart(2, "0")}Z`,
  cpu_percent: second,
  memory_used_bytes: 1,
  memory_total_bytes: 2,
  disk_free_bytes: null,
  disk_total_bytes: null,
  gpus: [],
});

describe("withSample", () => {
  it("adds what is new and nothing else", () => {
    const one = withSample([], sample(1));
    expect(one).toHaveLength(1);
    expect(withSample(one, sample(1))).toBe(one);
    expect(withSample(one, undefined)).toBe(one);
    expect(withSample(one, sample(2)).map((each) => each.cpu_percent)).toEqual([1, 2]);
  });

  it("keeps the newest", () => {
    let samples = withSample([], sample(0));
    for (let second = 1; second <= KEPT + 5; second += 1) samples = withSample(samples, sample(second));
    expect(samples).toHaveLength(KEPT);
    expect(samples[KEPT - 1]?.cpu_percent).toBe(KEPT + 5);
  });
});
