/** Which evaluations a list shows. */
export interface EvaluationFilters {
  dataset_sha256?: string;
  job_id?: string;
}

/** Where evaluations lie in the query cache. */
export const evaluationKeys = {
  list: (filters: EvaluationFilters, limit: number) => ["evaluations", "list", filters, limit] as const,
  detail: (id: string) => ["evaluations", "detail", id] as const,
  comparison: (id: string, other: string) => ["evaluations", "comparison", id, other] as const,
  outcomes: (id: string, cell: object) => ["evaluations", "outcomes", id, cell] as const,
};
