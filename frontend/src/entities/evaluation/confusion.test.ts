import { describe, expect, it } from "vitest";

import { cellAfter, sharesOf } from "./confusion";

describe("shares", () => {
  it("are of the rows of a class, and 0 where it has none", () => {
    expect(sharesOf({ labels: ["a", "b"], counts: [[3, 1], [0, 0]] })).toEqual([[0.75, 0.25], [0, 0]]);
  });
});

describe("arrows", () => {
  it("lead to the neighbour and stop at the edge", () => {
    expect(cellAfter("ArrowRight", 0, 0, 2)).toEqual([0, 1]);
    expect(cellAfter("ArrowDown", 0, 1, 2)).toEqual([1, 1]);
    expect(cellAfter("ArrowUp", 0, 1, 2)).toBeNull();
    expect(cellAfter("ArrowRight", 1, 1, 2)).toBeNull();
    expect(cellAfter("Enter", 0, 0, 2)).toBeNull();
  });
});
