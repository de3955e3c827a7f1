import { describe, expect, test } from "vitest";

import { classesIn, countsIn } from "./classes";

const FACTS = {
  classes: [{ name: "a", rows: 2 }, { name: "b", rows: 5 }, { name: "c" }, null],
  repeats: 0,
  contradiction_count: 3,
  unlabelled: "4",
  single_example: 1,
};

describe("what is known of labelled rows", () => {
  test("the largest class stands first, and what is no class is left out", () => {
    expect(classesIn(FACTS)).toEqual([{ name: "b", rows: 5 }, { name: "a", rows: 2 }]);
  });

  test("only what there is some of is told", () => {
    expect(countsIn(FACTS)).toEqual([["contradiction_count", 3], ["single_example", 1]]);
  });

  test("a data set from before anything was counted has none", () => {
    expect([classesIn({}), countsIn({})]).toEqual([[], []]);
  });
});
