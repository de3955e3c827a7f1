import { asProblem } from "@/lib/problem";

/** The sentences of a problem, by the field of the form that each belongs to. */
export interface FieldWords {
  settings: Readonly<Record<string, string>>;
  base?: string;
  dataset?: string;
  name?: string;
  deployName?: string;
  /** How long a conversation may be when the model is served. */
  context?: string;
  /** The model's name in Ollama. */
  tag?: string;
  /** What keeps the model from going where it is to go. */
  finish?: string;
  /** Whether each of its sentences has a field to stand at. */
  isComplete: boolean;
}

const NONE: FieldWords = { settings: {}, isComplete: false };
const FIELD_OF: Readonly<Record<string, "base" | "dataset" | "name" | "deployName" | "context" | "tag" | "finish">> = {
  "/base_model": "base",
  "/dataset_id": "dataset",
  "/name": "name",
  "/deploy/name": "deployName",
  "/deploy/context": "context",
  "/deploy/tag": "tag",
  "/deploy": "finish",
};
const CODE_OF: Readonly<Record<string, "base" | "dataset" | "context" | "tag" | "finish">> = {
  base_model_unknown: "base",
  base_model_ambiguous: "base",
  dataset_not_found: "dataset",
  context_beyond_model: "context",
  context_beyond_memory: "context",
  ollama_name_invalid: "tag",
  ollama_tag_taken: "tag",
  ollama_unreachable: "finish",
  ollama_resting: "finish",
};

export function fieldWords(error: unknown): FieldWords {
  if (error === null || error === undefined) return NONE;
  const problem = asProblem(error);
  const whole = CODE_OF[problem.code];
  if (whole) return { settings: {}, [whole]: problem.detail, isComplete: true };
  const settings: Record<string, string> = {};
  const words: FieldWords = { settings, isComplete: false };
  let placed = 0;
  const entries = Object.entries(problem.errors);
  for (const [pointer, sentence] of entries) {
    const setting = /^\/config\/([^/]+)/.exec(pointer)?.[1];
    const field = FIELD_OF[pointer];
    if (setting) settings[setting] = sentence;
    else if (field) words[field] = sentence;
    else continue;
    placed += 1;
  }
  return { ...words, isComplete: entries.length > 0 && placed === entries.length };
}
