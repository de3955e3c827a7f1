import { queryOptions, useQuery } from "@tanstack/react-query";

import { listDatasetFindings, searchDatasetRows } from "@/lib/api/generated/sdk.gen";
import type { FoundRowsOut } from "@/lib/api/generated/types.gen";

import { datasetKeys } from "./keys";

/** What rows have to be to be shown; empty: all of them. */
export interface RowFilter {
  q?: string;
  /** Only in this column, or in turns of this role. */
  part?: string;
  /** Only rows that a finding of this code names. */
  problem?: string;
  /** In characters. */
  shortest?: number;
  longest?: number;
}

export const isFilter = (filter: RowFilter) => Object.keys(filter).length > 0;

export async function findRows(id: string, filter: RowFilter & { from_row?: number }, offset: number, limit: number, signal?: AbortSignal): Promise<FoundRowsOut> {
  const query = { ...filter, offset, limit };
  return (await searchDatasetRows({ path: { dataset_id: id }, query, signal, throwOnError: true })).data;
}

/** The place (from 1) of the row with this number, or of the first behind it; null where there is none. */
export async function placeOfRow(id: string, row: number): Promise<number | null> {
  let offset: number | null = 0;
  while (offset !== null) {
    const found: FoundRowsOut = await findRows(id, { from_row: row }, offset, 1);
    if (found.data[0]) return found.data[0].at + 1;
    offset = found.next;
  }
  return null;
}

/** What was found among the rows: repeats, contradictions, odd ones. The first time takes seconds. */
export function useFindings(id: string) {
  return useQuery(
    queryOptions({
      queryKey: datasetKeys.findings(id),
      queryFn: async ({ signal }) => (await listDatasetFindings({ path: { dataset_id: id }, signal, throwOnError: true })).data,
      staleTime: Infinity,
    }),
  );
}
