import type { BaseModelOut, JobDetail, JsonValue } from "@/lib/api/generated/types.gen";

/** One setting over all runs; undefined where a run has no such setting. */
export interface DiffRow {
  key: string;
  values: readonly (JsonValue | undefined)[];
  differs: boolean;
}

/** Every setting of some configurations, in the order of the first that has it. */
export function configDiff(configs: readonly Readonly<Record<string, JsonValue>>[]): DiffRow[] {
  const keys = new Set(configs.flatMap((config) => Object.keys(config)));
  return [...keys].map((key) => {
    const values = configs.map((config) => config[key]);
    return { key, values, differs: new Set(values.map(canonical)).size > 1 };
  });
}

/** The facts of a run that are no settings, by the same shape. Jobs name a base by its reference or by its id in `bases`. */
export function factsOf(jobs: readonly JobDetail[], bases: readonly Pick<BaseModelOut, "id" | "reference">[]): DiffRow[] {
  const referenceOf = (base: string) => bases.find(({ id }) => id === base)?.reference ?? base;
  const row = (key: string, values: (string | number | null)[]): DiffRow => ({
    key,
    values,
    differs: new Set(values).size > 1,
  });
  return [
    row("base_model", jobs.map(({ inputs }) => (inputs.base_model ? referenceOf(inputs.base_model) : null))),
    row("dataset", jobs.map((job) => job.inputs.dataset_id ?? null)),
    row("recipe", jobs.map((job) => job.recipe)),
    row("device", jobs.map((job) => job.device)),
  ];
}

/** Equal values have equal texts, whatever the order of their keys. */
function canonical(value: JsonValue | undefined): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)));
  }) ?? "undefined";
}

/** A setting as people read it: words and numbers bare, the rest as JSON. */
export function settingText(value: JsonValue | undefined, nothing: string): string {
  if (value === undefined || value === null) return nothing;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value.join(", ");
  return JSON.stringify(value);
}
