"use client";

import { useTranslations } from "next-intl";
import { useMemo } from "react";

import { Card } from "@/components/ui/card";
import { Table, Td, Tr } from "@/components/ui/table";
import { notFinite } from "@/entities/job/figures";
import { durationS, useNow } from "@/entities/job/job-time";
import type { JobDetail } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

import { finalMetrics } from "./final-metrics";
import { RunHeads } from "./run-heads";
import type { ComparedRun } from "./use-compared";
import { useMetricWords } from "./use-metric-words";

const SECOND_MS = 1000;

/** The last value of each metric; the best one marked. */
export function MetricsTable({ runs, jobs }: { runs: readonly ComparedRun[]; jobs: readonly JobDetail[] }) {
  const t = useTranslations("compare.final");
  const wordOf = useMetricWords();
  const format = useFormat();
  const rows = useMemo(() => finalMetrics(jobs), [jobs]);
  const nowMs = useNow(SECOND_MS, jobs.some((job) => job.state === "running"));
  return (
    <Card flush title={t("title")} aside={t("hint")}>
      <Table caption={t("title")}>
        <thead>
          <RunHeads runs={runs} first={t("metric")} />
        </thead>
        <tbody>
          {rows.map(({ name, values, best }) => (
            <Tr key={name}>
              <th scope="row" className="sticky left-0 h-8 bg-panel pl-3.5 text-left font-normal text-ink-2">
                {wordOf(name)}
              </th>
              {values.map((value, index) => (
                <Td key={jobs[index]?.id ?? index} numeric className="last:pr-3.5">
                  {best === index ? <Best label={t("best")}>{valueText(format, name, value)}</Best> : (notFinite(jobs[index]?.latest_metrics[name]) ?? valueText(format, name, value))}
                </Td>
              ))}
            </Tr>
          ))}
          <Tr>
            <th scope="row" className="sticky left-0 h-8 bg-panel pl-3.5 text-left font-normal text-ink-2">
              {t("duration")}
            </th>
            {jobs.map((job) => (
              <Td key={job.id} numeric className="last:pr-3.5">
                {format.duration(durationS(job, nowMs))}
              </Td>
            ))}
          </Tr>
        </tbody>
      </Table>
    </Card>
  );
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
