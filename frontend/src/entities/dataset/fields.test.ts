import { describe, expect, it } from "vitest";

import { fieldsOf, isComplete, remapped } from "./fields";

describe("remapped", () => {
  it("gives the column to the field", () => {
    expect(remapped({ instruction: "q", output: "a" }, "input", "context")).toEqual({
      instruction: "q",
      output: "a",
      input: "context",
    });
  });

  it("swaps two fields when one takes the other's column", () => {
    expect(remapped({ instruction: "a", output: "q" }, "instruction", "q")).toEqual({ instruction: "q", output: "a" });
  });

  it("leaves the loser without a column when there is none to give back", () => {
    expect(remapped({ output: "a" }, "instruction", "a")).toEqual({ instruction: "a" });
  });

  it("takes a column away", () => {
    expect(remapped({ instruction: "q", input: "c" }, "input", null)).toEqual({ instruction: "q" });
  });
});

describe("fieldsOf", () => {
  it("tells the two ways of one kind by the mapping", () => {
    expect(fieldsOf("text.completion", { text: "body" }).map(({ name }) => name)).toEqual(["text"]);
    expect(fieldsOf("text.completion", {}).map(({ name }) => name)).toEqual(["prompt", "completion"]);
    expect(fieldsOf("text.preference", { chosen: "c", rejected: "r" })[0]?.name).toBe("chosen");
  });
});

describe("isComplete", () => {
  it("asks for what the kind needs and no more", () => {
    expect(isComplete("text.instruction", { instruction: "q" })).toBe(false);
    expect(isComplete("text.instruction", { instruction: "q", output: "a" })).toBe(true);
    expect(isComplete("text.chat", { messages: "m" })).toBe(true);
  });
});
