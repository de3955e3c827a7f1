import { describe, expect, it } from "vitest";

import { gpuInUse } from "./gpu-in-use";

const gpu = (utilisation_percent: number | null, used_bytes: number) => ({
  index: 0,
  name: "L4",
  utilisation_percent,
  used_bytes,
  total_bytes: 24e9,
});

describe("gpuInUse", () => {
  it("is nothing without a GPU", () => expect(gpuInUse([])).toBeNull());

  it("shows the one that works most, and the memory of all", () => {
    expect(gpuInUse([gpu(20, 1e9), gpu(92, 5e9)])).toEqual({ count: 2, share: 0.92, memory: [6e9, 48e9] });
  });

  it("shows memory where no utilisation is told", () => expect(gpuInUse([gpu(null, 6e9)])?.share).toBe(0.25));
});
