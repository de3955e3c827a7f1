export interface Words {
  ja: string;
  en: string;
}

/** Why a check is red, in both languages. */
export interface GateFault {
  kind: string;
  prompt: string;
  token: number | null;
  expected: string;
  served: string;
  words: Words;
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
  /** The engine tells no probabilities: answers alone were compared. */
  textsOnly: boolean;
  faults: readonly GateFault[];
}

/** Whether it ends its turn where the trained one does. */
export interface StopGate {
  passed: boolean;
  prompts: number | null;
  referenceStops: number | null;
  faults: readonly GateFault[];
}

/** Whether the engine holds the very files that it was sent. */
export interface IdentityGate {
  passed: boolean;
  modelDigest: string | null;
  adapterDigests: readonly string[];
  /** The engine wrote the weights anew, so their digest says nothing. */
  rewritten: boolean;
  sealed: boolean;
  faults: readonly GateFault[];
}

/** What was changed after a red check, before it was asked again. */
export interface Cure {
  name: string;
  words: Words;
}

export interface Gates {
  /** What the checks said, whatever a person decided afterwards. */
  passed: boolean;
  engine: string | null;
  engineVersion: string | null;
  quantisation: string | null;
  parity: ParityGate | null;
  stop: StopGate | null;
  identity: IdentityGate | null;
  cures: readonly Cure[];
  acceptedAt: string | null;
}

/** Every reason for red, of all checks. */
export function faultsOf({ parity, stop, identity }: Gates): GateFault[] {
  return [parity, stop, identity].flatMap((gate) => gate?.faults ?? []);
}

/** The report of a deployment's checks. The API leaves its form open, so nothing of it is taken for granted. */
export function readGates(gates: unknown): Gates | null {
  if (!isObject(gates)) return null;
  return {
    passed: gates["passed"] === true,
    engine: textOf(gates["engine"]),
    engineVersion: textOf(gates["engine_version"]),
    quantisation: textOf(gates["quantisation"]),
    parity: isObject(gates["parity"]) ? parityOf(gates["parity"]) : null,
    stop: isObject(gates["stop"]) ? stopOf(gates["stop"]) : null,
    identity: isObject(gates["identity"]) ? identityOf(gates["identity"]) : null,
    cures: objectsOf(gates["cures"]).map((cure) => ({ name: textOf(cure["name"]) ?? "", words: wordsOf(cure["words"]) })),
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
    textsOnly: gate["texts_only"] === true,
    faults: readFaults(gate["faults"]),
  };
}

function stopOf(gate: Fields): StopGate {
  return {
    passed: gate["passed"] === true,
    prompts: numberOf(gate["prompts"]),
    referenceStops: numberOf(gate["reference_stops"]),
    faults: readFaults(gate["faults"]),
  };
}

function identityOf(gate: Fields): IdentityGate {
  const adapters = Array.isArray(gate["adapter_digests"]) ? gate["adapter_digests"] : [];
  return {
    passed: gate["passed"] === true,
    modelDigest: textOf(gate["model_digest"]),
    adapterDigests: adapters.filter((one) => typeof one === "string"),
    rewritten: gate["rewritten"] === true,
    sealed: gate["sealed"] === true,
    faults: readFaults(gate["faults"]),
  };
}

function readFaults(faults: unknown): GateFault[] {
  return objectsOf(faults).map((fault) => ({
    kind: textOf(fault["kind"]) ?? "",
    prompt: textOf(fault["prompt"]) ?? "",
    token: numberOf(fault["token"]),
    expected: textOf(fault["expected"]) ?? "",
    served: textOf(fault["served"]) ?? "",
    words: wordsOf(fault["words"]),
  }));
}

function wordsOf(words: unknown): Words {
  const { ja, en } = isObject(words) ? words : {};
  return { ja: textOf(ja) ?? "", en: textOf(en) ?? "" };
}

type Fields = Record<string, unknown>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function objectsOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
