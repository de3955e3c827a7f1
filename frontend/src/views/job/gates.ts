/** One number of a gate with its limit; `isGood` null where it is only told. */
export interface GateNumber {
  name: string;
  value: number;
  limit: number | null;
  isGood: boolean | null;
}

export interface Gate {
  name: "parity" | "stop";
  passed: boolean;
  numbers: GateNumber[];
  /** What was wrong, in both languages. */
  faults: { prompt: string; ja: string; en: string }[];
}

export interface Gates {
  passed: boolean;
  gates: Gate[];
  /** When a person used the model although a gate is red. */
  acceptedAt: string | null;
}

/** The verdicts out of the report of a check; null where there is none. */
export function gatesOf(report: unknown): Gates | null {
  if (!isRecord(report)) return null;
  const gates = [parityOf(report["parity"]), stopOf(report["stop"])].filter((gate): gate is Gate => gate !== null);
  if (gates.length === 0) return null;
  const acceptedAt = report["accepted_by_person_at"];
  return {
    passed: report["passed"] === true,
    gates,
    acceptedAt: typeof acceptedAt === "string" ? acceptedAt : null,
  };
}

function parityOf(document: unknown): Gate | null {
  if (!isRecord(document)) return null;
  const limits = isRecord(document["tolerance"]) ? document["tolerance"] : {};
  const limited = (name: string, limitName: string): GateNumber[] => {
    const [value, limit] = [numberOf(document[name]), numberOf(limits[limitName])];
    if (value === null) return [];
    return [{ name, value, limit, isGood: limit === null ? null : value <= limit }];
  };
  const told = (name: string): GateNumber[] => {
    const value = numberOf(document[name]);
    return value === null ? [] : [{ name, value, limit: null, isGood: null }];
  };
  return {
    name: "parity",
    passed: document["passed"] === true,
    numbers: [
      ...limited("mean_delta", "mean"),
      ...limited("largest_delta", "largest"),
      ...limited("alternatives_delta", "alternatives"),
      ...told("adapter_effect"),
      ...told("compared_tokens"),
      ...told("diverged_prompts"),
    ],
    faults: faultsOf(document["faults"]),
  };
}

function stopOf(document: unknown): Gate | null {
  if (!isRecord(document)) return null;
  const [stops, prompts] = [numberOf(document["reference_stops"]), numberOf(document["prompts"])];
  return {
    name: "stop",
    passed: document["passed"] === true,
    numbers: stops === null ? [] : [{ name: "reference_stops", value: stops, limit: prompts, isGood: null }],
    faults: faultsOf(document["faults"]),
  };
}

function faultsOf(faults: unknown): Gate["faults"] {
  if (!Array.isArray(faults)) return [];
  return faults.flatMap((fault: unknown) => {
    if (!isRecord(fault) || !isRecord(fault["words"])) return [];
    const { ja, en } = fault["words"];
    return [{ prompt: String(fault["prompt"] ?? ""), ja: String(ja ?? ""), en: String(en ?? "") }];
  });
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
