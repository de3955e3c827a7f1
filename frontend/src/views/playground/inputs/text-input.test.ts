import { describe, expect, it } from "vitest";

import { textsOf } from "./text-input";

describe("texts of a draft", () => {
  it("are parted by empty lines alone, and blank ones are none", () => {
    expect(textsOf("one\nstill one\n\n two \n  \n\nthree\n").map(({ text }) => text)).toEqual(["one\nstill one", "two", "three"]);
    expect(textsOf(" \n\n ")).toEqual([]);
  });
});
