"use client";

import { useTranslations } from "next-intl";
import { useMemo } from "react";

import { Card } from "@/components/ui/card";
import { DataTable } from "@/components/ui/data-table";
import type { Column } from "@/components/ui/table-columns";
import { notFinite } from "@/entities/job/figures";
import { durationS, useNow } from "@/entities/job/job-time";
import type { JobDetail } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

import { finalMetrics, type MetricRow } from "./final-metrics";
import { FIRST_COLUMN, runColumns } from "./run-heads";
import type { ComparedRun } from "./use-compared";
import { useMetricWords } from "./use-metric-words";

const SECOND_MS = 1000;
/** A row beside those of the metrics, whose names have a slash. */
const DURATION = "duration";

/** The last value of each metric; the best one marked. */
export function MetricsTable({ runs, jobs }: { runs: readonly ComparedRun[]; jobs: readonly JobDetail[] }) {
  const t = useTranslations("compare.final");
  const wordOf = useMetricWords();
  const format = useFormat();
  const nowMs = useNow(SECOND_MS, jobs.some((job) => job.state === "running"));
  const rows = useMemo<MetricRow[]>(
    () => [...finalMetrics(jobs), { name: DURATION, values: jobs.map((job) => durationS(job, nowMs) ?? undefined), best: null }],
    [jobs, nowMs],
  );
  const columns = useMemo<Column<MetricRow>[]>(() => {
    const titleOf = ({ name }: MetricRow) => (name === DURATION ? t("duration") : wordOf(name));
    return [
      { ...FIRST_COLUMN, id: "metric", label: t("metric"), value: titleOf, cell: titleOf },
      ...runColumns<MetricRow>(runs, (_, index) => ({
        value: ({ values }) => values[index],
        cell: ({ name, values, best }) => {
          const words = name === DURATION ? format.duration(values[index]) : valueText(format, name, values[index]);
          return best === index ? <Best label={t("best")}>{words}</Best> : (notFinite(jobs[index]?.latest_metrics[name]) ?? words);
        },
      })),
    ];
  }, [t, wordOf, format, runs, jobs]);
  return (
    <Card flush title={t("title")} aside={t("hint")}>
      <DataTable name="compare-metrics" caption={t("title")} columns={columns} rows={rows} rowId={nameOf} />
    </Card>
  );
}

function nameOf({ name }: MetricRow): string {
  return name;
}

function valueText(format: ReturnType<typeof useFormat>, name: string, value: number | undefined): string {
  return name.endsWith("/bytes") ? format.bytes(value) : format.metric(value, 4);
}

function Best({ label, children }: { label: string; children: string }) {
  return (
    <span className="font-semibold text-good">
      <svg viewBox="0 0 8 8" className="mr-1 inline size-2" fill="none" stroke="currentColor" strokeWidth="1.4" aria-hidden>
        <path d="M1 4.2 3.2 6.4 7 1.8" strokeLinecap="round" strokeLinejoin="round" />
      </svg>
      {children}
      <span className="sr-only">{label}</span>
    </span>
  );
}
