"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { ClipboardCheck } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { useMemo } from "react";

import { Page } from "@/components/layout/page";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { LinkButton } from "@/components/ui/link-button";
import { PersonsName } from "@/components/ui/persons-name";
import { QueryBoundary } from "@/components/ui/query-boundary";
import { RowLink } from "@/components/ui/row-link";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import type { Column } from "@/components/ui/table-columns";
import { intervalText } from "@/entities/evaluation/interval";
import { evaluationListOptions } from "@/entities/evaluation/queries";
import type { EvaluationOut } from "@/lib/api/generated/types.gen";
import { useRows } from "@/lib/api/rows";
import { evaluationPage } from "@/lib/routes";
import { useFormat } from "@/lib/use-format";

/** What runs have found on rows that they had not learned from, newest first. */
export function EvaluationsView() {
  const t = useTranslations("evaluate");
  const query = useInfiniteQuery(evaluationListOptions());
  const rows = useRows(query.data);
  const columns = useColumns();
  return (
    <Page wide title={t("listTitle")} description={t("listDescription")}>
      <Card flush>
        <QueryBoundary
          query={query}
          waiting={<Loading className="p-3.5"><Skeleton className="h-40" /></Loading>}
          isEmpty={rows.length === 0}
          empty={
            <EmptyState
              icon={<ClipboardCheck aria-hidden />}
              title={t("empty.title")}
              description={t("empty.description")}
              action={<LinkButton variant="primary" href="/training/new">{t("empty.action")}</LinkButton>}
            />
          }
          problemClassName="m-3.5"
        >
          <DataTable name="evaluations" caption={t("listTitle")} columns={columns} rows={rows} rowId={({ id }) => id} rowClassName={() => "relative"} isPartial={query.hasNextPage} />
        </QueryBoundary>
        {query.hasNextPage && (
          <div className="border-t px-3.5 py-2.5">
            <Button size="sm" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("more")}</Button>
          </div>
        )}
      </Card>
    </Page>
  );
}

function useColumns(): Column<EvaluationOut>[] {
  const t = useTranslations("evaluate.columns");
  const locale = useLocale();
  const format = useFormat();
  return useMemo(
    () => [
      {
        id: "name",
        label: t("name"),
        isRowHead: true,
        value: ({ job_name }) => job_name,
        cell: ({ id, job_name }) => <RowLink href={evaluationPage(id)}><PersonsName>{job_name}</PersonsName></RowLink>,
        className: "pl-3.5",
        headClassName: "pl-3.5",
      },
      {
        id: "figure",
        label: t("figure"),
        value: ({ figures }) => figures[0]?.value,
        cell: ({ figures: [first] }) => first && (
          <span className="whitespace-nowrap">
            <span className="text-ink-3">{first.title[locale]}</span> <span className="font-semibold">{format.metric(first.value)}</span>{" "}
            <span className="text-xs text-ink-3">{intervalText(first, format)}</span>
          </span>
        ),
      },
      { id: "dataset", label: t("dataset"), from: "md", value: ({ dataset_name }) => dataset_name, cell: ({ dataset_name }) => (dataset_name ? <PersonsName>{dataset_name}</PersonsName> : t("gone")) },
      { id: "rows", label: t("rows"), numeric: true, from: "sm", value: ({ rows }) => rows, cell: ({ rows }) => format.number(rows) },
      { id: "created", label: t("created"), numeric: true, from: "md", value: ({ created_at }) => created_at, cell: ({ created_at }) => format.relative(created_at), className: "pr-3.5", headClassName: "pr-3.5" },
    ],
    [t, locale, format],
  );
}
