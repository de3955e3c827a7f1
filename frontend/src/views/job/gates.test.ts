import { expect, test } from "vitest";

import { gatesOf } from "./gates";

const REPORT = {
  passed: false,
  stop: { passed: true, prompts: 5, reference_stops: 5, faults: [] },
  parity: {
    passed: false,
    tolerance: { mean: 0.2, largest: 1.5, alternatives: 0.5, gap: 1 },
    mean_delta: 0.0002,
    largest_delta: 2.1,
    alternatives_delta: 0.18,
    adapter_effect: 1.77,
    compared_tokens: 81,
    diverged_prompts: 0,
    faults: [{ prompt: "首都は?", words: { ja: "違います。", en: "It differs." } }],
  },
};

test("numbers stand beside their limits and say which side they are on", () => {
  const parity = gatesOf(REPORT)?.gates[0];
  expect(parity?.numbers.find((one) => one.name === "mean_delta")).toMatchObject({ limit: 0.2, isGood: true });
  expect(parity?.numbers.find((one) => one.name === "largest_delta")).toMatchObject({ limit: 1.5, isGood: false });
  expect(parity?.faults[0]?.ja).toBe("違います。");
});

test("a person's word is kept beside the verdict", () => {
  expect(gatesOf({ ...REPORT, accepted_by_person_at: "2026-11-21T00:00:00Z" })).toMatchObject({
    passed: false,
    acceptedAt: "2026-11-21T00:00:00Z",
  });
});

test("what is no report is none", () => {
  expect(gatesOf(undefined)).toBeNull();
  expect(gatesOf({ accepted_by_person_at: "2026-11-21T00:00:00Z" })).toBeNull();
});
