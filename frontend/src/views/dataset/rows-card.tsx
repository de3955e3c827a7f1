"use client";

import { ChevronLeft, ChevronRight, X } from "lucide-react";
import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { IconButton } from "@/components/ui/icon-button";
import { ProblemState } from "@/components/ui/problem";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import type { DatasetDetail } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

import { RowsTable } from "@/entities/dataset/rows-table";
import type { usePageRows } from "./use-rows";
import type { RowScan } from "./use-scan";
import { PAGE_ROWS } from "./reads";
import { RowTools } from "./row-tools";
import { type DatasetState, NO_FILTER } from "./use-dataset-state";

/** Stands there only after somebody has looked for rows: no part of the first load. */
const Scanned = dynamic(() => import("./scanned-rows").then((module) => module.Scanned), { ssr: false });

interface RowsCardProps {
  dataset: DatasetDetail;
  state: DatasetState;
  page: ReturnType<typeof usePageRows>;
  /** Where rows are looked for. */
  scan: RowScan | null;
  chosen: number;
}

/** The rows: a page of all of them, or those that were looked for. */
export function RowsCard({ dataset, state, page, scan, chosen }: RowsCardProps) {
  const t = useTranslations("dataset.rows");
  const total = dataset.counts.kept;
  const choose = (at: number) => void state.set({ at: Math.min(total, Math.max(1, at)) }, { history: "replace" });
  const tools = <RowTools dataset={dataset} state={state} items={page.items} />;
  if (scan) {
    return (
      <Card flush title={t("title")} aside={<FilterNote state={state} />}>
        {tools}
        <Scanned dataset={dataset} scan={scan} chosen={chosen} onChoose={choose} />
      </Card>
    );
  }
  return (
    <Card flush title={t("title")} aside={<Pager total={total} at={state.at} onGo={choose} />}>
      {tools}
      {page.rows.isError && (
        <ProblemState problem={page.rows.error} onRetry={() => void page.rows.refetch()} retrying={page.rows.isFetching} className="m-3.5" />
      )}
      {page.rows.isError && page.items.length === 0 ? null : page.items.length === 0 ? (
        <RowsSkeleton rows={Math.min(PAGE_ROWS, total)} />
      ) : (
        <RowsTable
          items={page.items}
          dataset={dataset}
          chosen={chosen}
          busy={page.rows.isPlaceholderData}
          onChoose={choose}
          onBeyond={(step) => choose(state.at + step)}
        />
      )}
    </Card>
  );
}

function Pager({ total, at, onGo }: { total: number; at: number; onGo: (at: number) => void }) {
  const t = useTranslations("dataset.rows");
  const format = useFormat();
  const first = Math.floor((Math.min(at, total) - 1) / PAGE_ROWS) * PAGE_ROWS + 1;
  const last = Math.min(total, first + PAGE_ROWS - 1);
  return (
    <nav aria-label={t("pages")} className="flex items-center gap-1">
      <span className="mr-1">{t("range", { first: format.number(first), last: format.number(last), total: format.number(total) })}</span>
      <IconButton label={t("previous")} size="sm" disabled={first === 1} onClick={() => onGo(first - PAGE_ROWS)}>
        <ChevronLeft aria-hidden />
      </IconButton>
      <IconButton label={t("next")} size="sm" disabled={last >= total} onClick={() => onGo(last + 1)}>
        <ChevronRight aria-hidden />
      </IconButton>
    </nav>
  );
}

function FilterNote({ state }: { state: DatasetState }) {
  const t = useTranslations("dataset.rows");
  const format = useFormat();
  if (!state.range) {
    return (
      <Button size="sm" onClick={() => void state.set(NO_FILTER)}>
        {t("clearFilter")}
        <X aria-hidden />
      </Button>
    );
  }
  return (
    <Button size="sm" onClick={() => void state.set({ bin: null })}>
      {t("filter", { first: format.number(state.range.first), last: format.number(state.range.last) })}
      <X aria-label={t("clearFilter")} />
    </Button>
  );
}

const HEAD_REM = 2;
const ROW_REM = 2.0625;

/** As high as what will come. */
function RowsSkeleton({ rows }: { rows: number }) {
  return (
    <Loading>
      <div
        style={{ height: `min(27rem, ${HEAD_REM + rows * ROW_REM}rem)` }}
        className="grid content-start gap-4 overflow-hidden px-3.5 py-3"
      >
        {Array.from({ length: Math.min(10, rows) }, (_, line) => (
          <Skeleton key={line} />
        ))}
      </div>
    </Loading>
  );
}
