"use client";

import { Search, SearchX } from "lucide-react";
import { useTranslations } from "next-intl";
import { debounce, useQueryStates } from "nuqs";

import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ProblemState } from "@/components/ui/problem";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { useDebounced } from "@/entities/forecast/use-debounced";
import { useHubSearch } from "@/entities/model/hub-search";
import { cn } from "@/lib/cn";

import { FoundItem } from "./found-item";
import { SEARCH_ADDRESS, type SearchChoice, searchOf } from "./search-choice";
import { SearchFilters } from "./search-filters";
import { useImports } from "./use-imports";

/** The hub counts its questions: one for a pause in typing, not one for a letter. */
const REST_MS = 400;

/** Models of the hub, by name and by what they are; each says whether it can be imported and fits. */
export function HubSearch() {
  const t = useTranslations("find.hub");
  const [choice, setChoice] = useQueryStates(SEARCH_ADDRESS, { history: "replace" });
  const asked = searchOf(choice);
  const rested = useDebounced(asked, REST_MS);
  const search = useHubSearch(asked === null ? null : rested);
  const importOf = useImports();
  const change = (next: Partial<SearchChoice>) => void setChoice(next, "q" in next && next.q ? { limitUrlUpdates: debounce(REST_MS) } : undefined);
  // What was found before stays, paler, until what is asked for now is there.
  const isBehind = search.isPlaceholderData || (search.data === undefined && search.kept !== undefined) || JSON.stringify(asked) !== JSON.stringify(rested);
  const first = search.kept?.pages[0];
  const shown = asked === null ? [] : search.found;
  return (
    <div className="grid gap-3">
      <SearchFilters choice={choice} onChange={change} />
      <p role="status" className="min-h-4.5 text-xs text-ink-3">
        {asked === null || search.error ? null : isBehind || search.isFetching ? t("searching") : shown.length > 0 && t("count", { count: shown.length })}
      </p>
      {asked === null && <EmptyState icon={<Search aria-hidden />} title={t("begin")} className="py-6" />}
      {asked !== null && <ProblemState problem={search.error} onRetry={() => void search.refetch()} retrying={search.isFetching} />}
      {asked !== null && search.kept === undefined && !search.error && <Places />}
      {asked !== null && search.data !== undefined && search.data.pages[0]?.data.length === 0 && !isBehind && (
        <EmptyState
          icon={<SearchX aria-hidden />}
          title={t("nothing")}
          description={t("nothingMore")}
          action={<Button onClick={() => void setChoice(null)}>{t("clear")}</Button>}
          className="py-6"
        />
      )}
      {shown.length > 0 && (
        <ul aria-label={t("results")} aria-busy={isBehind} className={cn("divide-y rounded-lg border bg-panel transition-opacity", isBehind && "opacity-85")}>
          {shown.map((one) => (
            <FoundItem key={one.reference} found={one} endpoint={first?.endpoint ?? ""} examples={first?.examples ?? 0} job={importOf(one.reference)} />
          ))}
        </ul>
      )}
      {search.hasNextPage && asked !== null && (
        <Button variant="quiet" className="justify-self-center" pending={search.isFetchingNextPage} onClick={() => void search.fetchNextPage()}>
          {t("more")}
        </Button>
      )}
    </div>
  );
}

function Places() {
  return (
    <Loading className="grid gap-2">
      {[0, 1, 2].map((place) => (
        <Skeleton key={place} className="h-28 rounded-lg" />
      ))}
    </Loading>
  );
}
