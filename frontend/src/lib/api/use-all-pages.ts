"use client";

import { useEffect } from "react";

interface Paged {
  data: unknown;
  isSuccess: boolean;
  hasNextPage: boolean;
  isFetching: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage: () => unknown;
}

/** Fetch what a list still lacks, page after page, where all of it can be chosen. Says whether all of it is there. */
export function useAllPages({ data, isSuccess, hasNextPage, isFetching, isFetchNextPageError, fetchNextPage }: Paged): boolean {
  const isMissing = isSuccess && hasNextPage;
  const goesOn = isMissing && !isFetching && !isFetchNextPageError;
  useEffect(() => {
    if (goesOn) void fetchNextPage();
  }, [goesOn, fetchNextPage]);
  return data !== undefined && !hasNextPage; // also where a later look has failed: what was there is there
}
