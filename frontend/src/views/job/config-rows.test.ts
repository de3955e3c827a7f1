import { expect, test } from "vitest";

import { settingsOf } from "@/entities/recipe/settings";

import { configRows, valueText } from "./config-rows";

const SETTINGS = settingsOf({
  properties: { rank: { type: "integer", default: 8 }, alpha: { type: "number" }, seed: { type: "integer", default: 42 } },
});

test("what differs comes first, in the recipe's order", () => {
  const rows = configRows({ rank: 8, alpha: 16, seed: 7, extra: true }, { rank: 8, alpha: null, seed: 42 }, SETTINGS);
  expect(rows.map((row) => [row.name, row.isDifferent])).toEqual([
    ["alpha", true],
    ["seed", true],
    ["extra", true],
    ["rank", false],
  ]);
});

test("a list that is the same is no difference, and a missing value is none either", () => {
  const rows = configRows({ targets: ["q", "v"], alpha: null }, { targets: ["q", "v"] }, []);
  expect(rows.every((row) => !row.isDifferent)).toBe(true);
});

test("small numbers keep their exponent", () => {
  expect(valueText(0.0002)).toBe("2e-4");
  expect(valueText(0.03)).toBe("0.03");
  expect(valueText(0)).toBe("0");
  expect(valueText(null)).toBeNull();
});
