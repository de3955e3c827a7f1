import { useMemo } from "react";

import { useAllBaseModels } from "@/entities/model/queries";
import type { BaseModelOut } from "@/lib/api/generated/types.gen";

import { type SeenWith, seenWith } from "./seen-with";

export interface Base extends SeenWith {
  models: readonly BaseModelOut[];
  /** Its name without where it comes from. */
  name: string | null;
  problem: unknown;
  isPending: boolean;
}

/** The base model whose eyes the data is seen with: as the address says, else the bundled one. */
export function useBase(wanted: string | null, wantedMax: number | null): Base {
  const { models, error, isPending: isFirst, isWhole } = useAllBaseModels();
  // One that is asked for may stand behind the first page: another would be shown in its place for a moment.
  const isPending = isFirst || (wanted !== null && !isWhole && !models.some(({ reference }) => reference === wanted));
  return useMemo(() => {
    const seen = seenWith(models, wanted, wantedMax);
    return { ...seen, models, name: seen.reference && shortName(seen.reference), problem: error, isPending };
  }, [models, wanted, wantedMax, error, isPending]);
}

/** `bundled:smollm2-135m-instruct` as `smollm2-135m-instruct`, a path as its last part. */
export function shortName(reference: string): string {
  const rest = reference.replace(/^[a-z]+:/, "");
  return reference.startsWith("path:") ? (rest.split("/").filter(Boolean).at(-1) ?? rest) : rest;
}
