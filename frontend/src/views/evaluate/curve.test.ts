import { describe, expect, it } from "vitest";

import { frameOf, pathOf } from "./curve";

describe("frame", () => {
  it("is from 0 to 1 for shares, and holds what is larger", () => {
    expect(frameOf([[0.2, 0.4], [0.9, 0.95]])).toEqual({ left: 0, right: 1, low: 0, high: 1 });
    expect(frameOf([[0, -2], [10, 4]])).toEqual({ left: 0, right: 10, low: -2, high: 4 });
    expect(frameOf([])).toEqual({ left: 0, right: 1, low: 0, high: 1 });
  });
});

describe("path", () => {
  it("goes through the points in their order", () => {
    expect(pathOf([[0, 1], [2.26, 3]])).toBe("M0.0 1.0L2.3 3.0");
    expect(pathOf([])).toBe("");
  });
});
