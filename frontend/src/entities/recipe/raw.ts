import type { Setting } from "./settings";

/** A setting as it stands in a form: what was typed or chosen, or a switch. Empty: the recipe decides. */
export type Raw = string | boolean;
export type Raws = Readonly<Record<string, Raw>>;

/** What is wrong with one field; pages put it in words. */
export interface FieldFault {
  code: "required" | "number" | "integer" | "range" | "choice" | "length" | "repeated";
}

type Reading = { value: unknown } | { fault: FieldFault };

/** A value as a person writes it: `2e-4`, `q_proj, v_proj`. */
export function rawOf(value: unknown): Raw {
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return numberText(value);
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "string" ? value : "";
}

function numberText(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-2) {
    const short = value.toExponential().replace("e+", "e");
    if (short.length <= String(value).length) return short;
  }
  return String(value);
}

/** What was typed, as the value that the recipe gets. Full-width digits and signs count as their plain ones. */
export function readRaw(setting: Setting, raw: Raw): Reading {
  if (typeof raw === "boolean") return setting.kind === "boolean" ? { value: raw } : { fault: { code: "choice" } };
  const typed = setting.kind === "text" ? raw.trim() : raw.normalize("NFKC").trim();
  if (typed === "") return readEmpty(setting);
  if (setting.words.includes(typed)) return { value: typed };
  switch (setting.kind) {
    case "integer":
    case "number":
      return readNumber(setting, typed);
    case "choice":
      return setting.choices.includes(typed) ? { value: typed } : { fault: { code: "choice" } };
    case "list":
      return readList(setting, typed);
    case "text":
      return isWithin(typed.length, setting) ? { value: typed } : { fault: { code: "length" } };
    case "boolean":
      return { fault: { code: "choice" } };
  }
}

function readEmpty(setting: Setting): Reading {
  if (setting.nullable) return { value: null };
  return { fault: { code: "required" } };
}

function readNumber(setting: Setting, typed: string): Reading {
  const plain = typed.replace(/[−ー―]/g, "-").replace(/(?<=\d),(?=\d{3}(\D|$))/g, "");
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : Number.NaN;
  if (!Number.isFinite(value)) return { fault: { code: "number" } };
  if (setting.kind === "integer" && !Number.isInteger(value)) return { fault: { code: "integer" } };
  const { minimum, maximum, above, below } = setting;
  const isInside =
    (minimum === undefined || value >= minimum) &&
    (maximum === undefined || value <= maximum) &&
    (above === undefined || value > above) &&
    (below === undefined || value < below);
  return isInside ? { value } : { fault: { code: "range" } };
}

function readList(setting: Setting, typed: string): Reading {
  const value = typed.split(/[\s,、]+/).filter(Boolean);
  if (new Set(value).size < value.length) return { fault: { code: "repeated" } };
  return isWithin(value.length, setting) ? { value } : { fault: { code: "length" } };
}

function isWithin(length: number, { shortest = 0, longest = Infinity }: Setting): boolean {
  return length >= shortest && length <= longest;
}

export interface ConfigReading {
  /** Only what differs from the recipe's own defaults. */
  config: Record<string, unknown>;
  faults: Record<string, FieldFault>;
}

/** All fields of a form at once. */
export function readConfig(settings: readonly Setting[], raws: Raws): ConfigReading {
  const reading: ConfigReading = { config: {}, faults: {} };
  for (const setting of settings) {
    const read = readRaw(setting, raws[setting.name] ?? rawOf(setting.fallback));
    if ("fault" in read) reading.faults[setting.name] = read.fault;
    else if (setting.required || !isSame(read.value, setting.fallback)) reading.config[setting.name] = read.value;
  }
  return reading;
}

/** Whether two typed values mean the same: `2e-4` and `0.0002` do. */
export function isSameRaw(setting: Setting, one: Raw, other: Raw): boolean {
  const [a, b] = [readRaw(setting, one), readRaw(setting, other)];
  return "value" in a && "value" in b ? isSame(a.value, b.value) : one === other;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}
