import { describe, expect, it } from "vitest";

import { commandIn, troublesFirst } from "./findings";

const finding = (id: string, state: "ok" | "warn" | "fail") => ({
  id,
  state,
  ok: state === "ok",
  detail_ja: "",
  detail_en: "",
  cure_ja: null,
  cure_en: null,
  help_ja: null,
  help_en: null,
});

describe("the doctor's report", () => {
  it("shows what fails, then what warns, and keeps the order within", () => {
    const told = [finding("a", "ok"), finding("b", "warn"), finding("c", "fail"), finding("d", "ok"), finding("e", "fail")];
    expect(troublesFirst(told).map(({ id }) => id)).toEqual(["c", "e", "b", "a", "d"]);
  });

  it("finds the command of a cure in either language", () => {
    expect(commandIn("./llmlora up を実行してください")).toBe("./llmlora up");
    expect(commandIn("Run ./llmlora setup again")).toBe("./llmlora setup again");
    expect(commandIn("Close other programs")).toBeNull();
  });
});
