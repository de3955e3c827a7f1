"use client";

import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { Card } from "@/components/ui/card";
import { Fact, FactList, type FactTone } from "@/components/ui/fact-list";
import { notRenderedText } from "./not-rendered";
import type { DatasetDetail, Ledger } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/use-format";

import { reasonText } from "./reasons";

const SHOWN_ROWS = 12;

interface LedgerCardProps {
  dataset: DatasetDetail;
  /** Null while it is counted; undefined where there is nothing to count. */
  ledger: Ledger | null | undefined;
  isCounting: boolean;
}

/** What came of every row: on its way in, and on its way into training. */
export function LedgerCard({ dataset, ledger, isCounting }: LedgerCardProps) {
  const t = useTranslations("dataset.ledger");
  return (
    <Card title={t("title")}>
      <Imported dataset={dataset} />
      {ledger !== undefined && (
        <div aria-busy={isCounting} className={cn("mt-3 transition-opacity", isCounting && "opacity-85")}>
          <Trained ledger={ledger} />
        </div>
      )}
    </Card>
  );
}

function Imported({ dataset }: { dataset: DatasetDetail }) {
  const t = useTranslations("dataset.ledger");
  const reasons = useTranslations("dataset.reasons");
  const locale = useLocale();
  const { counts } = dataset;
  return (
    <Part title={t("import")}>
      <Line label={t("read")} value={counts.read} />
      <Line label={t("kept")} value={counts.kept} />
      <Line label={t("refused")} value={counts.refused} tone={counts.refused > 0 ? "caution" : undefined} />
      {Object.entries(counts.refused_by_reason).map(([reason, rows]) => (
        <Reason
          key={reason}
          label={reasonText(reasons, reason)}
          rows={rows}
          lines={counts.first_refused
            .filter((one) => one.reason === reason)
            .map((one) => ({ row: one.row, text: [one.column, one[locale]].filter(Boolean).join(": ") }))}
        />
      ))}
    </Part>
  );
}

function Trained({ ledger }: { ledger: Ledger | null }) {
  const t = useTranslations("dataset.ledger");
  const parts = useTranslations("common.notRendered");
  const reasons = useTranslations("dataset.reasons");
  return (
    <Part title={t("training")}>
      <Line label={t("used")} value={ledger?.rows_kept} />
      <Line label={t("truncated")} value={ledger?.rows_truncated} tone={ledger && ledger.rows_truncated > 0 ? "caution" : undefined} />
      {ledger !== null && ledger.rows_end_cut > 0 && <Line label={t("endCut")} value={ledger.rows_end_cut} tone="caution" />}
      {Object.entries(ledger?.rows_not_rendered ?? {}).map(([part, rows]) => (
        <Line key={part} label={t("leftOut", { part: notRenderedText(parts, part) })} value={rows} tone="caution" />
      ))}
      <Line label={t("dropped")} value={ledger?.rows_dropped} tone={ledger && ledger.rows_dropped > 0 ? "bad" : undefined} />
      {Object.entries(ledger?.dropped_by_reason ?? {}).map(([reason, rows]) => (
        <Reason
          key={reason}
          label={reasonText(reasons, reason)}
          rows={rows}
          lines={(ledger?.first_dropped ?? []).filter((one) => one.reason === reason).map((one) => ({ row: one.row, text: "" }))}
        />
      ))}
      <Line label={t("tokens")} value={ledger?.tokens} />
      <Line label={t("supervised")} value={ledger?.supervised_tokens} />
      <Line label={t("median")} value={ledger ? Math.round(ledger.length_quantiles.p50 ?? 0) : undefined} />
      <Line label={t("longest")} value={ledger?.longest_before_truncation} />
    </Part>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <h3 className="text-xs text-ink-3">{title}</h3>
      <FactList>{children}</FactList>
    </>
  );
}

function Line({ label, value, tone }: { label: string; value: number | undefined; tone?: FactTone }) {
  const format = useFormat();
  return (
    <Fact name={label} tone={tone}>
      {format.number(value)}
    </Fact>
  );
}

/** A reason with the first rows it holds for. */
function Reason({ label, rows, lines }: { label: string; rows: number; lines: { row: number; text: string }[] }) {
  const t = useTranslations("dataset.ledger");
  const format = useFormat();
  const shown = lines.slice(0, SHOWN_ROWS);
  const texts = new Set(shown.map(({ text }) => text));
  return (
    <div className="py-1 pl-3 text-xs text-ink-2">
      <dt className="flex justify-between gap-3">
        <span>{label}</span>
        <span>{format.number(rows)}</span>
      </dt>
      <dd className="text-ink-3">
        {texts.size === 1 && [...texts][0] && <span className="block">{[...texts][0]}</span>}
        {texts.size > 1
          ? shown.map(({ row, text }) => (
              <span key={row} className="block">
                {t("rowWith", { row, text })}
              </span>
            ))
          : t("rows", { count: shown.length, rows: shown.map(({ row }) => format.number(row)).join(", ") })}
        {rows > shown.length && ` ${t("more", { count: rows - shown.length })}`}
      </dd>
    </div>
  );
}
