"use client";

import { useLocale, useTranslations } from "next-intl";
import { useEffect, useMemo, useRef, useState } from "react";

import { Sparkline } from "@/components/chart/sparkline";
import { useRecipeBook } from "@/entities/recipe/queries";
import type { JobOut, MetricOut } from "@/lib/api/generated/types.gen";
import { isFinal } from "@/lib/live/reducer";
import { useFormat } from "@/lib/use-format";

import { useJobMetrics } from "./use-job-metrics";

const POINTS = 60;
const NEAR = "200px 0px";

interface MainCurveProps {
  job: JobOut;
  width?: number;
  height?: number;
}

/** The main curve of a job in small, live. Its points are fetched when it first comes into view. */
export function MainCurve({ job, width = 96, height = 24 }: MainCurveProps) {
  const place = useRef<HTMLSpanElement>(null);
  const [isSeen, setSeen] = useState(false);
  const metric = useRecipeBook().mainMetric(job.recipe);
  const hasCurve = metric !== undefined && job.latest_metrics[metric.name] !== undefined;
  useEffect(() => {
    const element = place.current;
    if (!element || isSeen) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && setSeen(true), { rootMargin: NEAR });
    observer.observe(element);
    return () => observer.disconnect();
  }, [isSeen]);
  return (
    <span ref={place} className="block shrink-0" style={{ width, height }}>
      {isSeen && hasCurve && <Curve job={job} metric={metric} width={width} height={height} />}
    </span>
  );
}

function Curve({ job, metric, width, height }: Required<MainCurveProps> & { metric: MetricOut }) {
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
