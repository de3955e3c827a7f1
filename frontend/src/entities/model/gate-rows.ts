import type { GateFault, Gates, IdentityGate, ParityGate, StopGate } from "./gates";

/** One number of a gate with its limit; `isGood` null where it is only told. */
export interface GateNumber {
  name: "mean_delta" | "largest_delta" | "alternatives_delta" | "adapter_effect" | "compared_tokens" | "diverged_prompts" | "reference_stops";
  value: number;
  limit: number | null;
  isGood: boolean | null;
}

/** One check as the page draws it. */
export interface GateRows {
  name: "parity" | "stop" | "identity";
  passed: boolean;
  numbers: GateNumber[];
  /** What has to be known to read the verdict. */
  notes: ("textsOnly" | "rewritten" | "sealed")[];
  faults: readonly GateFault[];
}

/** The checks of a report, in the order in which they are read. */
export function gateRows({ parity, stop, identity }: Gates): GateRows[] {
  return [parity && parityRows(parity), stop && stopRows(stop), identity && identityRows(identity)].filter((one) => one !== null);
}

function parityRows(gate: ParityGate): GateRows {
  const { tolerance } = gate;
  const measured = gate.textsOnly
    ? []
    : [
        ...row("mean_delta", gate.meanDelta, tolerance.mean),
        ...row("largest_delta", gate.largestDelta, tolerance.largest),
        ...row("alternatives_delta", gate.alternativesDelta, tolerance.alternatives),
        ...row("adapter_effect", gate.adapterEffect),
        ...row("compared_tokens", gate.comparedTokens),
      ];
  return {
    name: "parity",
    passed: gate.passed,
    numbers: [...measured, ...row("diverged_prompts", gate.divergedPrompts)],
    notes: gate.textsOnly ? ["textsOnly"] : [],
    faults: gate.faults,
  };
}

function stopRows(gate: StopGate): GateRows {
  const numbers = row("reference_stops", gate.referenceStops).map((one) => ({ ...one, limit: gate.prompts }));
  return { name: "stop", passed: gate.passed, numbers, notes: [], faults: gate.faults };
}

function identityRows(gate: IdentityGate): GateRows {
  const notes: GateRows["notes"] = [];
  if (gate.rewritten) notes.push("rewritten");
  if (gate.sealed) notes.push("sealed");
  return { name: "identity", passed: gate.passed, numbers: [], notes, faults: gate.faults };
}

function row(name: GateNumber["name"], value: number | null, limit: number | null = null): GateNumber[] {
  if (value === null) return [];
  return [{ name, value, limit, isGood: limit === null ? null : value <= limit }];
}
