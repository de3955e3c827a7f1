import { describe, expect, it } from "vitest";

import { INPUT_TYPES } from "./input-types";
import { textsOf } from "./text-input";

describe("texts of a draft", () => {
  it("are parted by empty lines alone, and blank ones are none", () => {
    expect(textsOf("one\nstill one\n\n two \n  \n\nthree\n").map(INPUT_TYPES.text.labelOf)).toEqual(["one\nstill one", "two", "three"]);
    expect(textsOf(" \n\n ")).toEqual([]);
  });
});
