import { describe, expect, it } from "vitest";

import { sparkPath } from "./spark-path";

describe("sparkPath", () => {
  it("puts the highest at the top and the newest at the right", () => {
    expect(sparkPath([3, 1, 2], 45, 15)).toEqual({ path: "M2.5 2.5L22.5 12.5L42.5 7.5", last: { x: 42.5, y: 7.5 } });
  });

  it("lifts the pen over what was not measured", () => {
    expect(sparkPath([0, null, Number.NaN, 1], 35, 15).path).toBe("M2.5 12.5M32.5 2.5");
  });

  it("keeps to a range that is given", () => {
    expect(sparkPath([100, 90], 25, 25, [0, 100]).path).toBe("M2.5 2.5L22.5 4.5");
  });

  it("draws equal values in the middle", () => {
    expect(sparkPath([5, 5], 25, 20).path).toBe("M2.5 10L22.5 10");
  });

  it("draws no line for one value or none", () => {
    expect(sparkPath([4], 25, 20)).toEqual({ path: "", last: { x: 22.5, y: 10 } });
    expect(sparkPath([], 25, 20)).toEqual({ path: "", last: null });
  });
});
