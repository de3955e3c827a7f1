"use client";

import { useLocale, useTranslations } from "next-intl";
import { useMemo } from "react";

import { Sparkline } from "@/components/chart/sparkline";
import type { JobOut, MetricOut } from "@/lib/api/generated/types.gen";
import { isFinal } from "@/lib/live/reducer";
import { useFormat } from "@/lib/use-format";

import { useJobMetrics } from "./use-job-metrics";

const POINTS = 60;

interface MainCurveLineProps {
  job: JobOut;
  metric: MetricOut;
  width: number;
  height: number;
}

/** What `MainCurve` draws, once its place has come into view. */
export function MainCurveLine({ job, metric, width, height }: MainCurveLineProps) {
  const t = useTranslations("training");
  const locale = useLocale();
  const format = useFormat();
  const names = useMemo(() => [metric.name], [metric.name]);
  const { curves, version } = useJobMetrics(job.id, { names, width: POINTS }, !isFinal(job.state));
  const values = version > 0 ? Array.from(curves.get(metric.name)?.values ?? []) : [];
  if (values.length === 0) return null;
  const label = t("loss.label", { name: metric.title[locale], value: format.metric(values[values.length - 1]) });
  return <Sparkline values={values} width={width} height={height} label={label} />;
}
