import { describe, expect, it } from "vitest";

import { readGates } from "./gates";

describe("readGates", () => {
  it("reads what the checks report", () => {
    const gates = readGates({
      passed: true,
      quantisation: "trained_gguf",
      stop: { passed: true, prompts: 5, reference_stops: 5, faults: [] },
      parity: { passed: true, prompts: 5, mean_delta: 0.0002, diverged_prompts: 0, tolerance: { mean: 0.2, largest: 1.5 }, faults: [] },
    });
    expect(gates).toMatchObject({
      passed: true,
      acceptedAt: null,
      stop: { passed: true, referenceStops: 5 },
      parity: { meanDelta: 0.0002, divergedPrompts: 0, largestDelta: null, tolerance: { mean: 0.2, largest: 1.5, gap: null } },
    });
  });
  it("is red where nothing was checked, also when a person let it through", () => {
    expect(readGates({ accepted_by_person_at: "2026-11-21T00:00:00Z" })).toEqual({
      passed: false,
      quantisation: null,
      parity: null,
      stop: null,
      acceptedAt: "2026-11-21T00:00:00Z",
    });
    expect(readGates(null)).toBeNull();
  });
  it("names each fault in both languages", () => {
    const fault = { kind: "token", prompt: "Q", token: 3, expected: "あ", served: "い", words: { ja: "違う", en: "differs" } };
    expect(readGates({ parity: { passed: false, faults: [fault, "?"] } })?.parity?.faults).toEqual([fault]);
  });
});
