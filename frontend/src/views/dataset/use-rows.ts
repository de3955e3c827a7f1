import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";

import { datasetRowsOptions, datasetTokensOptions, useDatasetRows, useDatasetTokens } from "@/entities/dataset/queries";

import { PAGE_ROWS } from "./reads";
import { isWithin, type Item, itemsOf } from "@/entities/dataset/token-view";
import type { TokenRange } from "@/entities/dataset/token-range";

interface TokensOf {
  id: string;
  base: string | null;
  max: number;
}

/** One page of rows; their tokens join them when they are counted. */
export function usePageRows({ id, base, max }: TokensOf, page: number, countTokens: boolean) {
  const offset = (page - 1) * PAGE_ROWS;
  const rows = useDatasetRows(id, offset, PAGE_ROWS);
  const tokens = useDatasetTokens(id, countTokens ? base : null, { maxLength: max, offset, limit: PAGE_ROWS });
  const items = useMemo(
    () => (rows.data ? itemsOf(rows.data.data, rows.data.offset, tokens.data?.data) : []),
    [rows.data, tokens.data],
  );
  return { items, rows, tokens };
}

interface Scanned {
  found: Item[];
  checked: number;
  next: number | null;
}

/**
 * Rows whose length is within a range, found by looking at all rows fifty by fifty; what was counted before costs
 * nothing. It stops when a screenful is found, and goes on when asked.
 */
export function useRowScan({ id, base, max }: TokensOf, range: TokenRange | null, longest: number) {
  const client = useQueryClient();
  const [wanted, setWanted] = useState(PAGE_ROWS);
  const scan = useInfiniteQuery({
    queryKey: ["datasets", "scan", id, { base, max, range, longest }],
    queryFn: async ({ pageParam }): Promise<Scanned> => {
      const view = { maxLength: max, offset: pageParam, limit: PAGE_ROWS };
      const [rows, tokens] = await Promise.all([
        client.fetchQuery(datasetRowsOptions(id, pageParam, PAGE_ROWS)),
        client.fetchQuery(datasetTokensOptions(id, base ?? "", view)),
      ]);
      const items = itemsOf(rows.data, pageParam, tokens.data);
      const found = range ? items.filter((item) => isWithin(item, range, longest)) : [];
      return { found, checked: rows.data.length, next: rows.next };
    },
    initialPageParam: 0,
    getNextPageParam: (page) => page.next,
    enabled: range !== null && base !== null,
    staleTime: Infinity,
  });
  const pages = useMemo(() => scan.data?.pages ?? [], [scan.data]);
  const items = useMemo(() => pages.flatMap((page) => page.found), [pages]);
  const checked = pages.reduce((sum, page) => sum + page.checked, 0);
  const goesOn = range !== null && scan.hasNextPage && !scan.isFetching && !scan.isError && items.length < wanted;
  const { fetchNextPage } = scan;
  useEffect(() => {
    if (goesOn) void fetchNextPage();
  }, [goesOn, fetchNextPage]);
  const goOn = () => setWanted(items.length + PAGE_ROWS);
  return { ...scan, items, checked, goOn };
}
