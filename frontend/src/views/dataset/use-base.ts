import { useMemo } from "react";

import { useBaseModels } from "@/entities/model/queries";
import type { BaseModelOut } from "@/lib/api/generated/types.gen";

const DEFAULT_LENGTH = 1024; // as a training without a word about it
const SHORTEST = 8;
const LONGEST = 131_072;
const UNKNOWN_CONTEXT = 4096;

export interface Base {
  models: readonly BaseModelOut[];
  reference: string | null;
  /** Its name without where it comes from. */
  name: string | null;
  /** Tokens that the model can hold. */
  context: number;
  /** Longest row that is asked for. */
  max: number;
  problem: unknown;
  isPending: boolean;
}

/** The base model whose eyes the data is seen with: as the address says, else the bundled one. */
export function useBase(wanted: string | null, wantedMax: number | null): Base {
  const { models, error, isPending } = useBaseModels();
  return useMemo(() => {
    const registered = models.filter(({ state }) => state === "registered");
    const first = registered.find(({ source }) => source === "bundled") ?? registered[0] ?? models[0];
    const model = models.find(({ reference }) => reference === wanted) ?? first;
    const context = Math.min(LONGEST, Math.max(SHORTEST, model?.context_length ?? UNKNOWN_CONTEXT));
    const max = isLength(wantedMax, context) ? wantedMax : Math.min(DEFAULT_LENGTH, context);
    const reference = model?.reference ?? null;
    return { models, reference, name: reference && shortName(reference), context, max, problem: error, isPending };
  }, [models, wanted, wantedMax, error, isPending]);
}

/** Whether a text can be cut at so many tokens. */
export function isLength(value: number | null, context: number): value is number {
  return value !== null && Number.isInteger(value) && value >= SHORTEST && value <= context;
}

/** `bundled:smollm2-135m-instruct` as `smollm2-135m-instruct`, a path as its last part. */
export function shortName(reference: string): string {
  const rest = reference.replace(/^[a-z]+:/, "");
  return reference.startsWith("path:") ? (rest.split("/").filter(Boolean).at(-1) ?? rest) : rest;
}
