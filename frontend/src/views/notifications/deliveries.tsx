"use client";

import { useTranslations } from "next-intl";
import { useMemo } from "react";

import { Badge } from "@/components/ui/badge";
import { DataTable } from "@/components/ui/data-table";
import { Link } from "@/components/ui/link";
import { PersonsName } from "@/components/ui/persons-name";
import { QueryBoundary } from "@/components/ui/query-boundary";
import type { Column } from "@/components/ui/table-columns";
import { useDeliveries } from "@/entities/webhook/queries";
import type { DeliveryOut, WebhookOut } from "@/lib/api/generated/types.gen";
import { NOTHING } from "@/lib/format";
import { jobPage } from "@/lib/routes";
import { useFormat } from "@/lib/use-format";

const TONE = { waiting: "neutral", sending: "ai", delivered: "good", failed: "bad" } as const;

/** The last messages of a webhook: what was told, whether it arrived, and else why not. */
export function Deliveries({ webhook }: { webhook: WebhookOut }) {
  const t = useTranslations("notifications.webhooks");
  const query = useDeliveries(webhook.id);
  const columns = useDeliveryColumns();
  const rows = query.data ?? [];
  return (
    <QueryBoundary query={query} waiting={null} isEmpty={rows.length === 0} empty={<p className="text-xs text-ink-3">{t("history.none")}</p>}>
      <DataTable name="webhook-deliveries" caption={t("history.title", { url: webhook.url })} columns={columns} rows={rows} rowId={idOf} className="max-h-60 overflow-y-auto" />
    </QueryBoundary>
  );
}

function idOf({ id }: DeliveryOut): string {
  return id;
}

function useDeliveryColumns(): Column<DeliveryOut>[] {
  const t = useTranslations("notifications.webhooks");
  const format = useFormat();
  return useMemo<Column<DeliveryOut>[]>(
    () => [
      {
        id: "event",
        label: t("history.event"),
        headClassName: "min-w-24",
        isRowHead: true,
        value: ({ event }) => t(`event.${event}`),
        cell: ({ event }) => t(`event.${event}`),
      },
      {
        id: "job",
        label: t("history.job"),
        value: ({ job_name }) => job_name,
        cell: ({ job_id, job_name }) =>
          job_id ? (
            <Link href={jobPage(job_id)} className="underline decoration-line-strong underline-offset-2 hover:decoration-current">
              <PersonsName>{job_name ?? job_id}</PersonsName>
            </Link>
          ) : (
            NOTHING
          ),
      },
      {
        id: "state",
        label: t("history.state"),
        headClassName: "min-w-48",
        value: ({ state }) => t(`history.states.${state}`),
        cell: (row) => (
          <span className="inline-flex flex-wrap items-center gap-x-2">
            <Badge tone={TONE[row.state]}>{t(`history.states.${row.state}`)}</Badge>
            {row.problem && (
              <span className="text-ink-2">
                {row.status === null ? t(`history.problems.${row.problem}`) : t("history.withStatus", { problem: t(`history.problems.${row.problem}`), status: String(row.status) })}
              </span>
            )}
          </span>
        ),
      },
      { id: "attempts", label: t("history.attempts"), numeric: true, value: ({ attempts }) => attempts, cell: ({ attempts }) => format.number(attempts) },
      {
        id: "at",
        label: t("history.at"),
        value: ({ created_at }) => created_at,
        cell: ({ created_at, next_at }) => (next_at ? t("history.again", { time: format.relative(next_at) }) : format.dateTime(created_at)),
      },
    ],
    [t, format],
  );
}
