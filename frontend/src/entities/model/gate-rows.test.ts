import { expect, test } from "vitest";

import { readGates } from "./gates";

import { gateRows } from "./gate-rows";

const PARITY = {
  passed: false,
  tolerance: { mean: 0.2, largest: 1.5, alternatives: 0.5, gap: 1 },
  mean_delta: 0.0002,
  largest_delta: 2.1,
  compared_tokens: 81,
  diverged_prompts: 0,
  faults: [{ prompt: "首都は?", words: { ja: "違います。", en: "It differs." } }],
};
const rowsOf = (report: object) => {
  const gates = readGates(report);
  return gates ? gateRows(gates) : [];
};

test("numbers stand beside their limits and say which side they are on", () => {
  const [parity, stop] = rowsOf({ parity: PARITY, stop: { passed: true, prompts: 5, reference_stops: 4, faults: [] } });
  expect(parity?.numbers.find((one) => one.name === "mean_delta")).toMatchObject({ limit: 0.2, isGood: true });
  expect(parity?.numbers.find((one) => one.name === "largest_delta")).toMatchObject({ limit: 1.5, isGood: false });
  expect(parity?.faults[0]?.words.ja).toBe("違います。");
  expect(stop?.numbers).toEqual([{ name: "reference_stops", value: 4, limit: 5, isGood: null }]);
});

test("an engine without probabilities is judged by its answers, and that is said", () => {
  const [parity] = rowsOf({ parity: { ...PARITY, passed: true, texts_only: true } });
  expect(parity?.numbers.map(({ name }) => name)).toEqual(["diverged_prompts"]);
  expect(parity?.notes).toEqual(["textsOnly"]);
});

test("weights that were written anew are no fault, but are told of", () => {
  const identity = { passed: true, rewritten: true, sealed: true, faults: [] };
  expect(rowsOf({ identity })).toMatchObject([{ name: "identity", notes: ["rewritten", "sealed"] }]);
  expect(rowsOf({})).toEqual([]);
});
