import { expect, it } from "vitest";

import { groupsOf } from "./option";

const option = (value: string, group?: string) => ({ value, label: value, group });

it("puts options under their groups, each group where it first comes", () => {
  const groups = groupsOf([option("a", "x"), option("b", "y"), option("c", "x")]);
  expect(groups?.map(({ value, items }) => [value, items.map((one) => one.value)])).toEqual([
    ["x", ["a", "c"]],
    ["y", ["b"]],
  ]);
});

it("leaves a plain list plain", () => expect(groupsOf([option("a"), option("b")])).toBeNull());
