import { describe, expect, it } from "vitest";

import { saidOnce, tickTexts } from "./ticks";

describe("the places of an axis", () => {
  it("are told apart, however near they are", () => {
    expect(tickTexts([1e-4, 2e-4], "en")).toEqual(["1e-4", "2e-4"]);
    expect(tickTexts([1.9985e-4, 1.999e-4, 1.9995e-4], "en")).toEqual(["1.9985e-4", "1.999e-4", "1.9995e-4"]);
    expect(tickTexts([null, 0, 5e-5], "en")).toEqual(["", "0", "5e-5"]);
  });

  it("are said once where rounding makes neighbours look the same", () => {
    expect(saidOnce(["1 GB", "1 GB", "1 GB", "1.1 GB"])).toEqual(["1 GB", "", "", "1.1 GB"]);
  });
});
