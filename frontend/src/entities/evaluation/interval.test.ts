import { describe, expect, it } from "vitest";

import { intervalText, scaleOf, signed } from "./interval";

const formats = { metric: (value: number | null | undefined) => (value ?? 0).toFixed(2) };
const figure = (value: number, high: number | null = null) => ({ name: "f", title: { ja: "", en: "" }, value, low: null, high, n: 1, better: "up" as const });

describe("intervals", () => {
  it("are written from low to high, and not at all where one end is unknown", () => {
    expect(intervalText({ low: 0.5, high: 0.75 }, formats)).toBe("0.50 – 0.75");
    expect(intervalText({ low: null, high: 0.75 }, formats)).toBeNull();
  });
});

describe("scale", () => {
  it("ends at 1 for shares, beyond the largest for others", () => {
    expect(scaleOf([figure(0.2), figure(0.9, 1)])).toBe(1);
    expect(scaleOf([figure(2, 4)])).toBeCloseTo(4.2);
    expect(scaleOf([])).toBe(1);
  });
});

describe("signed", () => {
  it("has the sign of the difference, and none for 0", () => {
    expect([signed(0.5, formats), signed(-0.25, formats), signed(0, formats)]).toEqual(["+0.50", "−0.25", "0.00"]);
  });
});
