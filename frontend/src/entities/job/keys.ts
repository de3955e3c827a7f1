import type { JobState } from "@/lib/api/generated/types.gen";

/** Which jobs a list shows. */
export interface JobFilters {
  state?: JobState[];
  recipe?: string[];
  group_id?: string[];
  dataset_id?: string;
  q?: string;
  tag?: string;
  /** A column, with `-` in front for the largest first; without, the newest stand first. */
  sort?: string;
}

/** Where jobs lie in the query cache. */
export const jobKeys = {
  lists: ["jobs", "list"] as const,
  list: (filters: JobFilters, limit: number) => ["jobs", "list", filters, limit] as const,
  allTotals: ["jobs", "totals"] as const,
  totals: (filters: JobFilters) => ["jobs", "totals", filters] as const,
  queue: ["jobs", "queue"] as const,
  detail: (id: string) => ["jobs", "detail", id] as const,
  stages: (ids: readonly string[]) => ["jobs", "stages", ids] as const,
  files: (id: string) => ["jobs", "files", id] as const,
  metrics: (id: string, view: object) => ["jobs", "metrics", id, view] as const,
  logs: (id: string) => ["jobs", "logs", id] as const,
};
