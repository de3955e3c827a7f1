"use client";

import { useLocale, useTranslations } from "next-intl";
import { type ReactNode, useCallback, useState } from "react";

import { ChartPanel } from "@/components/chart/chart-panel";
import type { ChartRange } from "@/components/chart/series";
import { ProblemState } from "@/components/ui/problem";
import { useApiLink } from "@/lib/api/address";
import type { JobDetail, RecipeOut } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";

import { chartsOf, type JobChart, linesOf } from "./job-series";
import { forecastSteps } from "./memory";
import { useFigures } from "./use-figures";
import { useJobMetrics } from "./use-job-metrics";
import { pointsFile } from "./whole-files";

const SMOOTHED = { smoothing: 0.6 };
const BIG_PX = 302;
const BESIDE_PX = 110;
const SMALL_PX = 130;

interface JobChartsProps {
  job: JobDetail;
  recipe: RecipeOut;
  isLive: boolean;
  /** What stands beside the first chart. */
  beside: ReactNode;
}

/** All curves of a job as its recipe declares them: one cursor, one range. They alone are drawn anew when points come. */
export function JobCharts({ job, recipe, isLive, beside }: JobChartsProps) {
  const t = useTranslations("job.charts");
  const locale = useLocale();
  const linkTo = useApiLink();
  const { formatOf } = useFigures();
  const [range, setRange] = useState<ChartRange | null>(null);
  const [width, setWidth] = useState(1000);
  const widen = useCallback((px: number) => setWidth((old) => (px > old ? Math.ceil(px / 500) * 500 : old)), []);
  const view = { width, firstStep: range?.first, lastStep: range?.last };
  const { curves, version, error, refetch, isFetching, isPending } = useJobMetrics(job.id, view, isLive);
  const [main, second, ...others] = chartsOf(recipe, locale);
  if (!main) return null;
  const isSecondBeside = beside !== null;
  const below = [...(isSecondBeside || !second ? [] : [second]), ...others];

  const panel = (chart: JobChart) => ({
    title: chart.title,
    name: chart.name,
    series: linesOf(curves, chart.lines),
    csvHref: linkTo(pointsFile(job.id, chart.lines.map(({ name }) => name))),
    version,
    xLabel: t("step"),
    syncKey: `job:${job.id}`,
    range,
    onRange: setRange,
    onWidth: widen,
    lastStep: job.progress?.unit === "steps" ? job.progress.total : (forecastSteps(job.forecast) ?? undefined),
    filePrefix: job.name,
    empty: isPending ? "" : t(isLive ? "waiting" : "none"),
    ...formatOf(chart.unit),
  });
  return (
    <div className="grid gap-3">
      {error && <ProblemState problem={error} onRetry={() => void refetch()} retrying={isFetching} />}
      <div className={cn("grid gap-3", isSecondBeside && "lg:grid-cols-[2fr_1fr]")}>
        <ChartPanel {...panel(main)} first={main.unit === "loss" ? SMOOTHED : undefined} height={BIG_PX} />
        {isSecondBeside && (
          <div className="grid content-start gap-3">
            {second && <ChartPanel {...panel(second)} isSmall height={BESIDE_PX} />}
            {beside}
          </div>
        )}
      </div>
      {below.length > 0 && (
        <div className="grid gap-3 md:grid-cols-3">
          {below.map((chart) => (
            <ChartPanel key={chart.name} {...panel(chart)} isSmall height={SMALL_PX} />
          ))}
        </div>
      )}
    </div>
  );
}
