import { describe, expect, it } from "vitest";

import { cellText, columnsIn, tableRowOf } from "./table";

describe("a summary of a table", () => {
  const size = { name: "size", type: "number", missing: 1, distinct: 9 };
  const id = { name: "id", type: "number", missing: 0, distinct: 20 };

  it("says of each column what is against it", () => {
    const facts = { columns: [size, id, { name: 3 }], left_out: [{ column: "id", reason: "identifier" }, null] };
    expect(columnsIn(facts)).toEqual([{ ...size, reason: undefined }, { ...id, reason: "identifier" }]);
  });

  it("has none where nothing is told", () => {
    expect(columnsIn({})).toEqual([]);
  });
});

describe("a row of a table", () => {
  it("is its target and its cells", () => {
    const row = tableRowOf({ row: 1, features: { size: 1, colour: null }, target: true, target_name: "sold" });
    expect([row.targetName, cellText(row.target), row.cells.map(([, cell]) => cellText(cell))]).toEqual(["sold", "true", ["1", "–"]]);
  });
});
