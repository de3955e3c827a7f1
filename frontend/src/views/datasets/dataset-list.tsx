"use client";

import { Database, Plus, Search } from "lucide-react";
import { useTranslations } from "next-intl";
import dynamic from "next/dynamic";
import { parseAsString, useQueryState } from "nuqs";
import { useDeferredValue } from "react";

import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { Input } from "@/components/ui/input";
import { ListTotals } from "@/components/ui/list-totals";
import { ProblemState } from "@/components/ui/problem";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { useLeaving } from "@/components/ui/undo-delete";
import { useChosen } from "@/components/ui/use-chosen";
import { useOrder } from "@/components/ui/use-order";
import { datasetListOptions, useDatasets } from "@/entities/dataset/queries";
import { DATASETS, useDoomedDataset } from "@/entities/dataset/use-delayed-delete";
import { TagFilter } from "@/entities/label/tag-filter";
import { LIST_EVERY_MS } from "@/entities/job/queries";
import { useLookAgain } from "@/lib/api/use-look-again";
import type { UsedDataset } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/use-format";

import { DatasetTable } from "./dataset-table";

const BulkDelete = dynamic(() => import("@/entities/label/bulk-delete").then((module) => module.BulkDelete), { ssr: false });

/** As the API bounds it. */
const LONGEST_SEARCH = 200;

interface DatasetListProps {
  search: string;
  onSearch: (value: string) => void;
  onAdd: () => void;
  /** Whether the panel that adds stands above: then nothing has to lead to it. */
  isAdding: boolean;
}

/** What there is, newest first or as one asks. */
export function DatasetList({ search, onSearch, onAdd, isAdding }: DatasetListProps) {
  const t = useTranslations("datasets.list");
  const words = useTranslations("labels.remove");
  const wanted = useDeferredValue(search.trim());
  const [tag, setTag] = useQueryState("tag", parseAsString);
  const { chosen, toggle, add, choose } = useChosen();
  const doomed = useDoomedDataset();
  const order = useOrder();
  const filters = { ...(wanted && { q: wanted }), ...(tag && { tag }), ...(order.asked && { sort: order.asked }) };
  const query = useDatasets(filters);
  useLookAgain(datasetListOptions(filters).queryKey, LIST_EVERY_MS);
  const leaving = useLeaving(DATASETS);
  const datasets = query.datasets.filter(({ id }) => !leaving.includes(id));
  const selected = datasets.filter(({ id }) => chosen.has(id));
  const selection = {
    ids: chosen,
    labelOf: ({ name }: UsedDataset) => words("select", { name }),
    onToggle: toggle,
    onRange: add,
    onAll: (isAll: boolean) => choose(isAll ? datasets.map(({ id }) => id) : []),
  };

  // Rows that another search has found stay until the next are there.
  const isBehind = query.isPlaceholderData || wanted !== search.trim();

  if (query.isError && !query.data && !search) {
    return <ProblemState problem={query.error} onRetry={() => void query.refetch()} retrying={query.isFetching} />;
  }
  if ((query.isPending || (isBehind && datasets.length === 0)) && !search) return <ListSkeleton />;
  if (datasets.length === 0 && !search && !tag) {
    if (isAdding) return null;
    return (
      <Card flush>
        <EmptyState
          icon={<Database aria-hidden />}
          title={t("emptyTitle")}
          description={t("emptyText")}
          action={
            <Button variant="primary" onClick={onAdd}>
              <Plus aria-hidden />
              {t("add")}
            </Button>
          }
        />
      </Card>
    );
  }
  return (
    <>
    <Card flush>
      <div className="px-3.5 pt-3 pb-2">
        <div className="flex flex-wrap items-center gap-2">
        <div className="w-64 max-w-full">
          <Input
            type="search"
            maxLength={LONGEST_SEARCH}
            value={search}
            aria-label={t("search")}
            placeholder={t("search")}
            before={<Search aria-hidden />}
            onChange={(event) => onSearch(event.target.value)}
          />
        </div>
        {tag && <TagFilter tag={tag} onClear={() => void setTag(null)} />}
        </div>
      </div>
      {query.isError && (
        <ProblemState className="m-3.5 mt-1" problem={query.error} onRetry={() => void query.refetch()} retrying={query.isFetching} />
      )}
      {query.isError && !query.data ? null : datasets.length === 0 ? (
        <EmptyState
          title={t("noMatch", { search: search || (tag ?? "") })}
          action={<Button onClick={() => (onSearch(""), void setTag(null))}>{t("clearSearch")}</Button>}
          className="py-8"
        />
      ) : (
        <div aria-busy={isBehind} className={cn("transition-opacity", isBehind && "opacity-60")}>
          <DatasetTable datasets={datasets} order={order} selection={selection} />
        </div>
      )}
      {query.totals && datasets.length > 0 && <Totals {...query.totals} />}
      {query.hasNextPage && (
        <div className="flex justify-center border-t p-2">
          <Button variant="quiet" pending={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t("more")}
          </Button>
        </div>
      )}
    </Card>
    {selected.length > 0 && <BulkDelete kind="dataset" things={selected.map(doomed)} onChoose={choose} />}
    </>
  );
}

function Totals({ total, rows, size_bytes: size }: { total: number; rows: number; size_bytes: number }) {
  const t = useTranslations("datasets.list");
  const format = useFormat();
  return <ListTotals className="border-t px-3.5 py-2" parts={[t("count", { count: total }), t("rowsInAll", { count: rows }), format.bytes(size)]} />;
}

function ListSkeleton() {
  return (
    <Card>
      <Loading className="grid gap-4 py-1">
        {[0, 1, 2, 3].map((line) => (
          <Skeleton key={line} />
        ))}
      </Loading>
    </Card>
  );
}
