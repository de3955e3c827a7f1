/** Why a check is red, in both languages. */
export interface GateFault {
  kind: string;
  prompt: string;
  token: number | null;
  expected: string;
  served: string;
  words: { ja: string; en: string };
}

export interface Tolerance {
  mean: number | null;
  largest: number | null;
  gap: number | null;
  alternatives: number | null;
}

/** Whether the served model answers as the trained one does; distances in nats. */
export interface ParityGate {
  passed: boolean;
  prompts: number | null;
  divergedPrompts: number | null;
  comparedTokens: number | null;
  meanDelta: number | null;
  largestDelta: number | null;
  alternativesDelta: number | null;
  adapterEffect: number | null;
  tellsAdapterFromBase: boolean | null;
  tolerance: Tolerance;
  faults: readonly GateFault[];
}

/** Whether it ends its turn where the trained one does. */
export interface StopGate {
  passed: boolean;
  prompts: number | null;
  referenceStops: number | null;
  faults: readonly GateFault[];
}

export interface Gates {
  /** What the checks said, whatever a person decided afterwards. */
  passed: boolean;
  quantisation: string | null;
  parity: ParityGate | null;
  stop: StopGate | null;
  acceptedAt: string | null;
}

/** The report of a deployment's checks. The API leaves its form open, so nothing of it is taken for granted. */
export function readGates(gates: unknown): Gates | null {
  if (!isObject(gates)) return null;
  return {
    passed: gates["passed"] === true,
    quantisation: textOf(gates["quantisation"]),
    parity: isObject(gates["parity"]) ? parityOf(gates["parity"]) : null,
    stop: isObject(gates["stop"]) ? stopOf(gates["stop"]) : null,
    acceptedAt: textOf(gates["accepted_by_person_at"]),
  };
}

function parityOf(gate: Fields): ParityGate {
  const tolerance = isObject(gate["tolerance"]) ? gate["tolerance"] : {};
  const tells = gate["tells_adapter_from_base"];
  return {
    passed: gate["passed"] === true,
    prompts: numberOf(gate["prompts"]),
    divergedPrompts: numberOf(gate["diverged_prompts"]),
    comparedTokens: numberOf(gate["compared_tokens"]),
    meanDelta: numberOf(gate["mean_delta"]),
    largestDelta: numberOf(gate["largest_delta"]),
    alternativesDelta: numberOf(gate["alternatives_delta"]),
    adapterEffect: numberOf(gate["adapter_effect"]),
    tellsAdapterFromBase: typeof tells === "boolean" ? tells : null,
    tolerance: {
      mean: numberOf(tolerance["mean"]),
      largest: numberOf(tolerance["largest"]),
      gap: numberOf(tolerance["gap"]),
      alternatives: numberOf(tolerance["alternatives"]),
    },
    faults: faultsOf(gate["faults"]),
  };
}

function stopOf(gate: Fields): StopGate {
  return {
    passed: gate["passed"] === true,
    prompts: numberOf(gate["prompts"]),
    referenceStops: numberOf(gate["reference_stops"]),
    faults: faultsOf(gate["faults"]),
  };
}

function faultsOf(faults: unknown): GateFault[] {
  if (!Array.isArray(faults)) return [];
  return faults.filter(isObject).map((fault) => {
    const words = isObject(fault["words"]) ? fault["words"] : {};
    return {
      kind: textOf(fault["kind"]) ?? "",
      prompt: textOf(fault["prompt"]) ?? "",
      token: numberOf(fault["token"]),
      expected: textOf(fault["expected"]) ?? "",
      served: textOf(fault["served"]) ?? "",
      words: { ja: textOf(words["ja"]) ?? "", en: textOf(words["en"]) ?? "" },
    };
  });
}

type Fields = Record<string, unknown>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
