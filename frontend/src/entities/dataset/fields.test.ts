import { describe, expect, it } from "vitest";

import { fieldsOf, remapped } from "./fields";
import { KINDS } from "./samples";

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
    expect(fieldsOf(KINDS, "text.completion", { text: "body" }).map(({ name }) => name)).toEqual(["text"]);
    expect(fieldsOf(KINDS, "text.completion", {}).map(({ name }) => name)).toEqual(["prompt", "completion"]);
    expect(fieldsOf(KINDS, "text.preference", { chosen: "c", rejected: "r" })[0]?.name).toBe("chosen");
    expect(fieldsOf(KINDS, "text.preference", {}).map(({ name }) => name)).toEqual(["prompt", "chosen", "rejected", "input", "system"]);
    expect(fieldsOf(KINDS, "text.chat", { prompt: "p", completion: "c" })[0]?.name).toBe("prompt");
    expect(fieldsOf(KINDS, "text.chat", { system: "s" })[0]?.name).toBe("messages");
    expect(fieldsOf(KINDS, "nobody.knows", {})).toEqual([]);
  });
});
