import type { BaseModelOut } from "@/lib/api/generated/types.gen";

const DEFAULT_LENGTH = 1024; // as a training without a word about it
const SHORTEST = 8;
const LONGEST = 131_072;
const UNKNOWN_CONTEXT = 4096;

export interface SeenWith {
  reference: string | null;
  /** Whether it is here: the bundled one is prepared by the first training that uses it. */
  isReady: boolean;
  /** Tokens that the model can hold. */
  context: number;
  /** Longest row that is asked for. */
  max: number;
}

/** With which base model's eyes the data is seen, and up to which length. */
export function seenWith(models: readonly BaseModelOut[], wanted: string | null, wantedMax: number | null): SeenWith {
  const registered = models.filter(({ state }) => state === "registered");
  const first = registered.find(({ source }) => source === "bundled") ?? registered[0] ?? models[0];
  const model = models.find(({ reference }) => reference === wanted) ?? first;
  const context = Math.min(LONGEST, Math.max(SHORTEST, model?.context_length ?? UNKNOWN_CONTEXT));
  const max = isLength(wantedMax, context) ? wantedMax : Math.min(DEFAULT_LENGTH, context);
  return { reference: model?.reference ?? null, isReady: model?.state === "registered", context, max };
}

/** Whether a text can be cut at so many tokens. */
export function isLength(value: number | null, context: number): value is number {
  return value !== null && Number.isInteger(value) && value >= SHORTEST && value <= context;
}
