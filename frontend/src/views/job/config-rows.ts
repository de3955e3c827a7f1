import type { Setting } from "@/entities/recipe/settings";

export interface ConfigRow {
  name: string;
  setting: Setting | null;
  value: unknown;
  fallback: unknown;
  isDifferent: boolean;
}

/** The settings of a job beside their defaults: what differs first, then the rest, each in the recipe's order. */
export function configRows(
  config: Readonly<Record<string, unknown>>,
  defaults: Readonly<Record<string, unknown>>,
  settings: readonly Setting[],
): ConfigRow[] {
  const bySetting = new Map(settings.map((setting) => [setting.name, setting]));
  const names = [...settings.map((setting) => setting.name), ...Object.keys(config).filter((name) => !bySetting.has(name))];
  const rows = names
    .filter((name) => name in config)
    .map((name): ConfigRow => {
      const [value, fallback] = [config[name], defaults[name]];
      const isDifferent = JSON.stringify(value ?? null) !== JSON.stringify(fallback ?? null);
      return { name, setting: bySetting.get(name) ?? null, value, fallback, isDifferent };
    });
  return [...rows.filter((row) => row.isDifferent), ...rows.filter((row) => !row.isDifferent)];
}

/** A value as people write it; null where there is none, so that the page can say what that means. */
export function valueText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "number") return Math.abs(value) > 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(value);
  if (typeof value === "string") return value;
  return JSON.stringify(value);
}
