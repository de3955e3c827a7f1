import { useMemo } from "react";

interface Pages<Row> {
  pages: readonly { data: readonly Row[] }[];
}

/** The rows of all pages that were fetched, in their order: the same array until one of them changes. */
export function useRows<Row>(fetched: Pages<Row> | undefined): readonly Row[] {
  return useMemo(() => fetched?.pages.flatMap((page) => page.data) ?? [], [fetched]);
}
