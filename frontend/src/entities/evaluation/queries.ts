import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { compareEvaluations, getEvaluation, listEvaluationOutcomes, listEvaluations } from "@/lib/api/generated/sdk.gen";
import type { EvaluationList } from "@/lib/api/generated/types.gen";
import { pagesOf } from "@/lib/api/look-again";

import { type EvaluationFilters, evaluationKeys } from "./keys";

const UNCHANGING_MS = 5 * 60_000; // what a run has found never changes

/** A cell of a confusion matrix. */
export interface Cell {
  expected: string;
  predicted: string;
}

/** Evaluations, newest first. */
export function evaluationListOptions(filters: EvaluationFilters = {}, limit = 50) {
  return infiniteQueryOptions({
    queryKey: evaluationKeys.list(filters, limit),
    queryFn: pagesOf(limit, async (after, size, signal): Promise<EvaluationList> =>
      (await listEvaluations({ query: { ...filters, limit: size, after }, signal, throwOnError: true })).data,
    ),
    initialPageParam: null as string | null,
    getNextPageParam: (page: EvaluationList) => page.next,
  });
}

/** One evaluation with all that its page shows. */
export function evaluationOptions(id: string) {
  return queryOptions({
    queryKey: evaluationKeys.detail(id),
    queryFn: async ({ signal }) => (await getEvaluation({ path: { evaluation_id: id }, signal, throwOnError: true })).data,
    staleTime: UNCHANGING_MS,
  });
}

/** Two evaluations beside each other. */
export function comparisonOptions(id: string, other: string) {
  return queryOptions({
    queryKey: evaluationKeys.comparison(id, other),
    queryFn: async ({ signal }) =>
      (await compareEvaluations({ path: { evaluation_id: id }, query: { with: other }, signal, throwOnError: true })).data,
    staleTime: UNCHANGING_MS,
  });
}

/** The first rows of a cell of the confusion matrix. */
export function outcomesOptions(id: string, cell: Cell, limit: number) {
  return queryOptions({
    queryKey: evaluationKeys.outcomes(id, { ...cell, limit }),
    queryFn: async ({ signal }) =>
      (await listEvaluationOutcomes({ path: { evaluation_id: id }, query: { ...cell, limit }, signal, throwOnError: true })).data,
    staleTime: UNCHANGING_MS,
  });
}
