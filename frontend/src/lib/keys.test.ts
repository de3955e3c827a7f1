import { describe, expect, test } from "vitest";

import { readStroke } from "./keys";

const BINDINGS = ["mod+k", "?", "g h", "g d"];

describe("readStroke", () => {
  test("one stroke", () => expect(readStroke([], "mod+k", BINDINGS)).toEqual({ match: "mod+k", pressed: [] }));
  test("two strokes, one after the other", () => {
    const first = readStroke([], "g", BINDINGS);
    expect(first).toEqual({ match: null, pressed: ["g"] });
    expect(readStroke(first.pressed, "d", BINDINGS)).toEqual({ match: "g d", pressed: [] });
  });
  test("a wrong second stroke begins anew", () => {
    expect(readStroke(["g"], "?", BINDINGS)).toEqual({ match: "?", pressed: [] });
    expect(readStroke(["g"], "g", BINDINGS)).toEqual({ match: null, pressed: ["g"] });
    expect(readStroke(["g"], "x", BINDINGS)).toEqual({ match: null, pressed: [] });
  });
  test("a key of nobody", () => expect(readStroke([], "x", BINDINGS)).toEqual({ match: null, pressed: [] }));
});
