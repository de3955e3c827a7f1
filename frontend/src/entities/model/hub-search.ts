import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";

import { useKept } from "@/entities/forecast/use-kept";
import { searchHubModels } from "@/lib/api/generated/sdk.gen";
import type { FoundModels, SearchHubModelsData } from "@/lib/api/generated/types.gen";
import { useRows } from "@/lib/api/rows";

import { baseModelsKey } from "./queries";

export type HubSearch = Omit<NonNullable<SearchHubModelsData["query"]>, "after" | "limit">;

/** What was found stays good while somebody compares it; the hub counts how often it is asked. */
const HOLDS_MS = 5 * 60_000;

/** Models of the hub. Null asks for nothing; a search that is no longer wanted is called off, and what it found before stays. */
export function useHubSearch(search: HubSearch | null) {
  const query = useInfiniteQuery({
    queryKey: [...baseModelsKey, "hub", search],
    queryFn: async ({ pageParam, signal }) => (await searchHubModels({ query: { ...search, after: pageParam }, signal })).data,
    initialPageParam: null as string | null,
    getNextPageParam: (page: FoundModels) => page.next,
    enabled: search !== null,
    placeholderData: keepPreviousData,
    staleTime: HOLDS_MS,
    retry: false,
  });
  const kept = useKept(query.data); // also beside the error of the next search
  return { ...query, kept, found: useRows(kept) };
}
