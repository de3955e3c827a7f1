"use client";

import { useTranslations } from "next-intl";
import { useMemo } from "react";

import { Card } from "@/components/ui/card";
import { DataTable } from "@/components/ui/data-table";
import type { Column } from "@/components/ui/table-columns";
import { notFinite } from "@/entities/job/figures";
import { durationS, useNow } from "@/entities/job/job-time";
import { useMetricTitle } from "@/entities/recipe/metrics";
import type { JobDetail, MetricOut } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

import { finalMetrics, type MetricRow } from "./final-metrics";
import { FIRST_COLUMN, runColumns } from "./run-heads";
import type { ComparedRun } from "./use-compared";

const SECOND_MS = 1000;
/** A row beside those of the metrics, whose names have a slash. */
const DURATION = "duration";

interface MetricsTableProps {
  runs: readonly ComparedRun[];
  jobs: readonly JobDetail[];
  metrics: readonly MetricOut[];
}

/** The last value of each metric; the best one marked. */
export function MetricsTable({ runs, jobs, metrics }: MetricsTableProps) {
  const t = useTranslations("compare.final");
  const titleOfMetric = useMetricTitle(metrics);
  const format = useFormat();
  const nowMs = useNow(SECOND_MS, jobs.some((job) => job.state === "running"));
  const rows = useMemo<MetricRow[]>(
    () => [...finalMetrics(jobs, metrics), { name: DURATION, values: jobs.map((job) => durationS(job, nowMs) ?? undefined), best: null }],
    [jobs, metrics, nowMs],
  );
  const columns = useMemo<Column<MetricRow>[]>(() => {
    const bytes = new Set(metrics.filter(({ unit }) => unit === "bytes").map(({ name }) => name));
    const titleOf = ({ name }: MetricRow) => (name === DURATION ? t("duration") : titleOfMetric(name));
    return [
      { ...FIRST_COLUMN, id: "metric", label: t("metric"), value: titleOf, cell: titleOf },
      ...runColumns<MetricRow>(runs, (_, index) => ({
        value: ({ values }) => values[index],
        cell: ({ name, values, best }) => {
          const words = name === DURATION ? format.duration(values[index]) : bytes.has(name) ? format.bytes(values[index]) : format.metric(values[index], 4);
          return best === index ? <Best label={t("best")}>{words}</Best> : (notFinite(jobs[index]?.latest_metrics[name]) ?? words);
        },
      })),
    ];
  }, [t, titleOfMetric, format, runs, jobs, metrics]);
  return (
    <Card flush title={t("title")} aside={t("hint")}>
      <DataTable name="compare-metrics" caption={t("title")} columns={columns} rows={rows} rowId={nameOf} />
    </Card>
  );
}

function nameOf({ name }: MetricRow): string {
  return name;
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
