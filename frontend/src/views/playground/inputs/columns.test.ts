import { describe, expect, it } from "vitest";

import type { ColumnField, DeployedPredictor } from "@/lib/api/generated/types.gen";

import { columnsItems, rowsOf, withCell } from "./columns";

const size: ColumnField = { name: "size", type: "number", choices: [], example: 1.5 };
const colour: ColumnField = { name: "colour", type: "category", choices: ["red", "blue"], example: "red" };
const fields = [size, colour];
const predictor = { columns: fields } as unknown as DeployedPredictor;

describe("rows of a draft", () => {
  it("are a usual one where nothing was written", () => {
    expect(rowsOf(" ", fields)).toEqual([{ size: 1.5, colour: "red" }]);
  });

  it("are one or several of JSON, and none where it is something else", () => {
    expect(rowsOf('{"size":1}', fields)).toEqual([{ size: 1 }]);
    expect(rowsOf('[{"size":1},{"size":null}]', fields)).toHaveLength(2);
    for (const draft of ["{", "3", "[3]", '{"size":[1]}', "null"]) expect(rowsOf(draft, fields)).toEqual([]);
  });

  it("are asked about without columns that the model does not read", () => {
    expect(columnsItems('[{"size":1,"weight":2},{"weight":3}]', predictor)).toEqual([{ type: "columns", columns: { size: 1 } }]);
  });
});

describe("a cell that is written", () => {
  it("is a number as soon as it is one, and missing where nothing stands", () => {
    expect(JSON.parse(withCell({}, size, "2.5"))).toEqual({ size: 2.5 });
    expect(JSON.parse(withCell({}, size, "2."))).toEqual({ size: "2." });
    expect(JSON.parse(withCell({ size: 1 }, size, ""))).toEqual({ size: null });
    expect(JSON.parse(withCell({}, colour, "12"))).toEqual({ colour: "12" });
  });
});
