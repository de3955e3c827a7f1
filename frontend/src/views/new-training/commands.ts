import type { JobCreate } from "@/lib/api/generated/types.gen";

/** The request as a command line for the API. `secured`: the API asks for its token. */
export function curlCommand(request: JobCreate, apiUrl: string, secured: boolean): string {
  const lines = [
    `curl -sS -X POST ${quoted(`${apiUrl}/api/training/jobs`)}`,
    ...(secured ? ['-H "Authorization: Bearer $LLMLORA_API_TOKEN"'] : []),
    "-H 'Content-Type: application/json'",
    `--data-raw ${quoted(JSON.stringify(request, null, 2))}`,
  ];
  return lines.join(" \\\n  ");
}

/** The training as a command of this machine. It has no flags for names and for what follows. */
export function cliCommand(request: JobCreate, dataDir: string | null): string {
  const flags = Object.entries(request.config ?? {}).flatMap(([name, value]) => flagsOf(name, value));
  const lines = [
    "./llmlora train",
    ...(request.dataset_id ? [`--dataset ${quoted(request.dataset_id)}`] : []),
    ...(request.base_model ? [`--base ${quoted(request.base_model)}`] : []),
    ...flags,
    ...directoryFlag(dataDir),
  ];
  return lines.join(" \\\n  ");
}

function flagsOf(name: string, value: unknown): string[] {
  const flag = name.replaceAll("_", "-");
  if (value === null) return [];
  if (typeof value === "boolean") return [value ? `--${flag}` : `--no-${flag}`];
  return (Array.isArray(value) ? value : [value]).map((one) => `--${flag} ${quoted(String(one))}`);
}

/** A job file for `train --config`. */
export function jobFile(request: JobCreate): string {
  const config = Object.entries(request.config ?? {});
  return [
    ...(request.recipe ? [`recipe: ${scalar(request.recipe)}`] : []),
    ...(request.base_model ? [`base_model: ${scalar(request.base_model)}`] : []),
    ...(request.dataset_id ? [`dataset: ${scalar(request.dataset_id)}`] : []),
    config.length > 0 ? "config:" : "config: {}",
    ...config.map(([name, value]) => `  ${name}: ${Array.isArray(value) ? `[${value.map(scalar).join(", ")}]` : scalar(value)}`),
    "",
  ].join("\n");
}

export function jobFileCommand(dataDir: string | null): string {
  return ["./llmlora train --config job.yaml", ...directoryFlag(dataDir)].join(" ");
}

function directoryFlag(dataDir: string | null): string[] {
  return dataDir ? [`--data-dir ${quoted(dataDir)}`] : [];
}

/** JSON's scalars are YAML's, but for `1e-7`, which YAML 1.1 takes for a text unless it has a point. */
function scalar(value: unknown): string {
  if (typeof value === "number") return String(value).replace(/^(-?\d+)(?=e)/, "$1.0");
  return JSON.stringify(value);
}

/** A word of a shell, in quotes where it needs them. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
