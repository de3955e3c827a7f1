import { SearchX } from "lucide-react";
import { useTranslations } from "next-intl";
import { parseAsBoolean, useQueryStates } from "nuqs";

import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { QueryBoundary } from "@/components/ui/query-boundary";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { Switch } from "@/components/ui/switch";
import type { useRecommended } from "@/entities/model/discovery";
import type { RecommendedOut } from "@/lib/api/generated/types.gen";

import { BaseItem } from "./base-item";
import { RecommendedDetails } from "./recommended-details";
import { useImports } from "./use-imports";

const FILTERS = { japanese: parseAsBoolean.withDefault(false), fitting: parseAsBoolean.withDefault(false) };

/** Bases that are good to begin with, the best for this machine first. */
export function RecommendedList({ query }: { query: ReturnType<typeof useRecommended> }) {
  const t = useTranslations("find.recommended");
  const [filters, setFilters] = useQueryStates(FILTERS);
  const importOf = useImports();
  const all = query.data?.data ?? [];
  const shown = all.filter((one) => isWanted(one, filters));
  const { examples = 0, example_tokens: tokens = 0 } = query.data ?? {};
  return (
    <>
      <p className="mb-2 min-h-4.5 text-pretty text-ink-3">{query.data && t("description", { examples, tokens })}</p>
      <div className="mb-2.5 flex min-h-7 flex-wrap items-center gap-x-4 gap-y-1.5">
        <Switch label={t("onlyJapanese")} checked={filters.japanese} onChange={(japanese) => void setFilters({ japanese })} />
        <Switch label={t("onlyFitting")} checked={filters.fitting} onChange={(fitting) => void setFilters({ fitting })} />
        <span role="status" className="ml-auto text-xs text-ink-3 tabular-nums">
          {query.data && t("count", { shown: shown.length, all: all.length })}
        </span>
      </div>
      <QueryBoundary
        query={query}
        waiting={<Places />}
        isEmpty={shown.length === 0}
        empty={
          <EmptyState
            icon={<SearchX aria-hidden />}
            title={t("nothing")}
            description={t("nothingMore")}
            action={<Button onClick={() => void setFilters(null)}>{t("clear")}</Button>}
          />
        }
      >
        <ul className="divide-y rounded-lg border bg-panel">
          {shown.map((one) => (
            <BaseItem
              key={one.reference}
              base={{ ...one, title: one.name }}
              purpose={one.purpose}
              examples={examples}
              job={importOf(one.reference)}
              details={<RecommendedDetails base={one} />}
            />
          ))}
        </ul>
      </QueryBoundary>
    </>
  );
}

function isWanted({ japanese, fit }: RecommendedOut, wanted: { japanese: boolean; fitting: boolean }): boolean {
  const isFitting = fit.verdict === "fits" || fit.verdict === "tight" || fit.lighter !== null;
  return (!wanted.japanese || japanese === "main") && (!wanted.fitting || isFitting);
}

function Places() {
  return (
    <Loading className="grid gap-2">
      {[0, 1, 2, 3, 4].map((place) => (
        <Skeleton key={place} className="h-28 rounded-lg" />
      ))}
    </Loading>
  );
}
