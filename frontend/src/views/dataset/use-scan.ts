import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";

import type { Item } from "@/entities/dataset/token-view";

import { PAGE_ROWS } from "./reads";

/** What one look has found, how many rows it has seen, where the next begins. */
export interface Look {
  found: Item[];
  checked: number;
  next: number | null;
}

/**
 * Rows that are found by looking at all of them, look by look; what was seen before costs nothing. It stops when a
 * screenful is found, and goes on when asked.
 */
export function useScan(queryKey: readonly unknown[], look: (offset: number, signal: AbortSignal) => Promise<Look>, enabled: boolean) {
  const [wanted, setWanted] = useState(PAGE_ROWS);
  const scan = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => look(pageParam, signal),
    initialPageParam: 0,
    getNextPageParam: (page: Look) => page.next,
    enabled,
    staleTime: Infinity,
  });
  const pages = useMemo(() => scan.data?.pages ?? [], [scan.data]);
  const items = useMemo(() => pages.flatMap((page) => page.found), [pages]);
  const checked = pages.reduce((sum, page) => sum + page.checked, 0);
  const goesOn = enabled && scan.hasNextPage && !scan.isFetching && !scan.isError && items.length < wanted;
  const { fetchNextPage } = scan;
  useEffect(() => {
    if (goesOn) void fetchNextPage();
  }, [goesOn, fetchNextPage]);
  const goOn = () => setWanted(items.length + PAGE_ROWS);
  return { ...scan, items, checked, goOn };
}

export type RowScan = ReturnType<typeof useScan>;
