import { queryOptions, useQuery } from "@tanstack/react-query";

import { judgeBaseModels, listRecommendedBases } from "@/lib/api/generated/sdk.gen";
import type { Fit, FitList } from "@/lib/api/generated/types.gen";

import { baseModelsKey } from "./queries";

/** What is free changes with whatever else runs: a verdict holds for as long as one looks at a page. */
const HOLDS_MS = 30_000;
const MOST_JUDGED = 100;

/** Bases that are good to begin with, the best for this machine first. */
export function recommendedOptions() {
  return queryOptions({
    queryKey: [...baseModelsKey, "recommended"],
    queryFn: async ({ signal }) => (await listRecommendedBases({ signal })).data,
    staleTime: HOLDS_MS,
  });
}

export function useRecommended() {
  return useQuery(recommendedOptions());
}

/** Whether bases fit this machine, by their references, once it is known; without those that nobody knows the size of. */
export function useFits(references: readonly string[]): ReadonlyMap<string, Fit> | undefined {
  const asked = references.slice(0, MOST_JUDGED);
  return useQuery({
    queryKey: [...baseModelsKey, "fit", asked],
    queryFn: async ({ signal }) => (await judgeBaseModels({ query: { reference: asked }, signal })).data,
    enabled: asked.length > 0,
    staleTime: HOLDS_MS,
    select: byReference,
  }).data;
}

function byReference({ data }: FitList): ReadonlyMap<string, Fit> {
  return new Map(data.flatMap(({ reference, fit }) => (fit ? [[reference, fit] as const] : [])));
}
