import type { SamplingOut } from "@/lib/api/generated/types.gen";

/** The settings as they stand in the form. An empty field takes the usual value; an empty seed, another one each time. */
export interface SettingsForm {
  system: string;
  temperature: string;
  topP: string;
  maxTokens: string;
  seed: string;
}

export interface Settings {
  system: string | null;
  sampling: SamplingOut;
}

export const USUAL: SamplingOut = { temperature: 0.7, top_p: 0.95, max_tokens: 512, seed: null, stop: [] };
export const LIMITS = { temperature: 2, topP: 1, maxTokens: 131_072, seed: 4_294_967_294, system: 50_000 } as const;

export type SettingsErrors = Partial<Record<keyof SettingsForm, true>>;

/** Nothing in the form differs from what a new conversation begins with. */
export function isUsualForm(form: SettingsForm): boolean {
  const usual = formOf({ system: null, sampling: USUAL });
  return (Object.keys(usual) as (keyof SettingsForm)[]).every((field) => form[field] === usual[field]);
}

export function formOf({ system, sampling }: Settings): SettingsForm {
  return {
    system: system ?? "",
    temperature: String(sampling.temperature),
    topP: String(sampling.top_p),
    maxTokens: String(sampling.max_tokens),
    seed: sampling.seed === null ? "" : String(sampling.seed),
  };
}

/** What the form says; `errors` names the fields that say nothing usable. */
export function readForm(form: SettingsForm, stop: readonly string[] = []): { settings: Settings; errors: SettingsErrors } {
  const errors: SettingsErrors = {};
  const read = (field: "temperature" | "topP" | "maxTokens", usual: number, fits: (value: number) => boolean): number => {
    const value = numberOf(form[field]);
    if (value === null) return usual;
    if (!fits(value)) errors[field] = true;
    return value;
  };
  const temperature = read("temperature", USUAL.temperature, (value) => value >= 0 && value <= LIMITS.temperature);
  const topP = read("topP", USUAL.top_p, (value) => value > 0 && value <= LIMITS.topP);
  const maxTokens = read("maxTokens", USUAL.max_tokens, (value) => isWhole(value) && value >= 1 && value <= LIMITS.maxTokens);
  const seed = numberOf(form.seed);
  if (seed !== null && !(isWhole(seed) && seed >= 0 && seed <= LIMITS.seed)) errors.seed = true;
  if (form.system.length > LIMITS.system) errors.system = true;
  const sampling = { temperature, top_p: topP, max_tokens: maxTokens, seed, stop: [...stop] };
  return { settings: { system: form.system.trim() === "" ? null : form.system, sampling }, errors };
}

export function sameSettings(one: Settings, other: Settings): boolean {
  return (
    (one.system ?? "") === (other.system ?? "") &&
    one.sampling.temperature === other.sampling.temperature &&
    one.sampling.top_p === other.sampling.top_p &&
    one.sampling.max_tokens === other.sampling.max_tokens &&
    one.sampling.seed === other.sampling.seed
  );
}

/** A form that was kept as JSON; null where it is none. */
export function parseForm(text: string): SettingsForm | null {
  try {
    const kept: unknown = JSON.parse(text);
    if (typeof kept !== "object" || kept === null) return null;
    const { system, temperature, topP, maxTokens, seed } = kept as Record<string, unknown>;
    const fields = [system, temperature, topP, maxTokens, seed];
    return fields.every((field) => typeof field === "string") ? (kept as SettingsForm) : null;
  } catch {
    return null;
  }
}

/** Full-width digits are what a Japanese keyboard writes. NaN where it is no number, null where it is empty. */
function numberOf(text: string): number | null {
  const plain = text.normalize("NFKC").trim();
  return plain === "" ? null : Number(plain);
}

function isWhole(value: number): boolean {
  return Number.isInteger(value);
}
