"use client";

import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";

import { Sparkline } from "@/components/chart/sparkline";
import type { JobOut } from "@/lib/api/generated/types.gen";
import { isFinal } from "@/lib/live/reducer";
import { useFormat } from "@/lib/use-format";

import { useJobMetrics } from "./use-job-metrics";

const LOSS = "train/loss";
const NAMES = [LOSS];
const POINTS = 60;
const NEAR = "200px 0px";

interface LossSparkProps {
  job: JobOut;
  width?: number;
  height?: number;
}

/** The training loss of a job as a small curve, live. Its points are fetched when it first comes into view. */
export function LossSpark({ job, width = 96, height = 24 }: LossSparkProps) {
  const place = useRef<HTMLSpanElement>(null);
  const [isSeen, setSeen] = useState(false);
  const hasCurve = job.latest_metrics[LOSS] !== undefined;
  useEffect(() => {
    const element = place.current;
    if (!element || isSeen) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && setSeen(true), { rootMargin: NEAR });
    observer.observe(element);
    return () => observer.disconnect();
  }, [isSeen]);
  return (
    <span ref={place} className="block shrink-0" style={{ width, height }}>
      {isSeen && hasCurve && <Curve job={job} width={width} height={height} />}
    </span>
  );
}

function Curve({ job, width, height }: Required<LossSparkProps>) {
  const t = useTranslations("training");
  const format = useFormat();
  const { curves, version } = useJobMetrics(job.id, { names: NAMES, width: POINTS }, !isFinal(job.state));
  const values = version > 0 ? Array.from(curves.get(LOSS)?.values ?? []) : [];
  if (values.length === 0) return null;
  const label = t("loss.label", { value: format.metric(values[values.length - 1]) });
  return <Sparkline values={values} width={width} height={height} label={label} />;
}
