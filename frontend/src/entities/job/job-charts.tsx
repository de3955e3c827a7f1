"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useCallback, useState } from "react";

import { ChartPanel } from "@/components/chart/chart-panel";
import type { ChartRange } from "@/components/chart/series";
import { ProblemState } from "@/components/ui/problem";
import { useJobMetrics } from "./use-job-metrics";
import { pointsFile } from "./whole-files";
import { useApiLink } from "@/lib/api/address";
import type { JobDetail } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";
import { linesOf, type LineSpec } from "./job-series";
import { forecastSteps } from "./memory";
import { lossDigits, rateText } from "./tiles";

/** All curves of a training: one cursor, one range. They alone are drawn anew when points come. */
export function JobCharts({ job, isLive, beside }: { job: JobDetail; isLive: boolean; beside: ReactNode }) {
  const t = useTranslations("job.charts");
  const format = useFormat();
  const linkTo = useApiLink();
  const [range, setRange] = useState<ChartRange | null>(null);
  const [width, setWidth] = useState(1000);
  const widen = useCallback((px: number) => setWidth((old) => (px > old ? Math.ceil(px / 500) * 500 : old)), []);
  const view = { width, firstStep: range?.first, lastStep: range?.last };
  const { curves, version, error, refetch, isFetching, isPending } = useJobMetrics(job.id, view, isLive);

  const panel = (specs: readonly LineSpec[]) => ({
    series: linesOf(curves, specs),
    csvHref: linkTo(pointsFile(job.id, specs.map((spec) => spec.name))),
    version,
    xLabel: t("step"),
    syncKey: `job:${job.id}`,
    range,
    onRange: setRange,
    onWidth: widen,
    lastStep: job.progress?.stage === "train" ? job.progress.total : (forecastSteps(job.forecast) ?? undefined),
    filePrefix: job.name,
    empty: isPending ? "" : t(isLive ? "waiting" : "none"),
  });
  const losses: LineSpec[] = [
    { name: "train/loss", label: t("train"), colour: 0 },
    { name: "eval/loss", label: t("eval"), colour: 1 },
  ];
  const single = (name: string, label: string): LineSpec[] => [{ name, label, colour: 0 }];
  return (
    <div className="grid gap-3">
      {error && <ProblemState problem={error} onRetry={() => void refetch()} retrying={isFetching} />}
      <div className="grid gap-3 lg:grid-cols-[2fr_1fr]">
        <ChartPanel {...panel(losses)} title={t("loss")} name="loss" first={{ smoothing: 0.6 }} height={302} format={(loss) => format.metric(loss, lossDigits(loss))} />
        <div className="grid content-start gap-3">
          <ChartPanel {...panel(single("train/learning_rate", t("learningRate")))} title={t("learningRate")} name="learning-rate" isSmall height={110} format={rateText} />
          {beside}
        </div>
      </div>
      <div className="grid gap-3 md:grid-cols-3">
        <ChartPanel {...panel(single("train/grad_norm", t("gradNorm")))} title={t("gradNorm")} name="grad-norm" isSmall height={130} />
        <ChartPanel {...panel(single("train/tokens_per_s", t("tokensPerS")))} title={t("tokensPerS")} name="tokens-per-s" isSmall height={130} />
        <ChartPanel {...panel(single("memory/bytes", t("memory")))} title={t("memory")} name="memory" isSmall height={130} format={format.bytes} formatTick={format.bytes} />
      </div>
    </div>
  );
}
