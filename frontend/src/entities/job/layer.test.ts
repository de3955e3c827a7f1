import { describe, expect, it } from "vitest";

import { layerOf } from "./layer";

describe("layerOf", () => {
  const at = (stage: string) => ({ stage, done: 5, total: 10, unit: "bytes", eta_s: null });
  it("reads the layer out of the stage", () =>
    expect(layerOf(at("layer 74701a8c35f6"))).toEqual({ digest: "74701a8c35f6", done: 5, total: 10 }));
  it("knows of none before the first", () => {
    expect(layerOf(null)).toBeNull();
    expect(layerOf(at("upload"))).toBeNull();
    expect(layerOf(at("layer "))).toBeNull();
  });
});
