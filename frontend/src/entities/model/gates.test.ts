import { describe, expect, it } from "vitest";

import { faultsOf, readGates } from "./gates";

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
      engine: null,
      engineVersion: null,
      quantisation: null,
      parity: null,
      stop: null,
      identity: null,
      cures: [],
      acceptedAt: "2026-11-21T00:00:00Z",
    });
    expect(readGates(null)).toBeNull();
  });
  it("names each fault in both languages", () => {
    const fault = { kind: "token", prompt: "Q", token: 3, expected: "あ", served: "い", words: { ja: "違う", en: "differs" } };
    expect(readGates({ parity: { passed: false, faults: [fault, "?"] } })?.parity?.faults).toEqual([fault]);
  });
  it("reads what Ollama was asked besides, and what was cured on the way", () => {
    const words = { ja: "登録し直しました。", en: "Registered anew." };
    const fault = { kind: "seal", prompt: "llmlora/a:f16", words: { ja: "違う", en: "Differs." } };
    const gates = readGates({
      passed: false,
      engine: "ollama",
      engine_version: "0.33.0",
      cures: [{ name: "template", words }, null],
      parity: { passed: true, texts_only: true, faults: [] },
      identity: { passed: false, model_digest: "ab", adapter_digests: ["cd", 1], rewritten: false, sealed: false, faults: [fault] },
    });
    expect(gates).toMatchObject({
      engineVersion: "0.33.0",
      cures: [{ name: "template", words }],
      parity: { textsOnly: true },
      identity: { passed: false, modelDigest: "ab", adapterDigests: ["cd"], sealed: false },
    });
    expect(gates && faultsOf(gates).map(({ kind }) => kind)).toEqual(["seal"]);
  });
});
