"use client";

import { useLocale, useTranslations } from "next-intl";
import { parseAsStringLiteral, useQueryState } from "nuqs";
import { type ReactNode, useCallback, useState } from "react";

import { ChartPanel } from "@/components/chart/chart-panel";
import type { ChartRange } from "@/components/chart/series";
import { ProblemState } from "@/components/ui/problem";
import { Segmented } from "@/components/ui/segmented";
import { useApiLink } from "@/lib/api/address";
import type { JobDetail, RecipeOut } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";

import { timeUnit, unitName } from "./axis";
import { chartsOf, type JobChart, linesOf } from "./job-series";
import { forecastSteps } from "./memory";
import { useFigures } from "./use-figures";
import { useJobMetrics } from "./use-job-metrics";
import { pointsFile } from "./whole-files";

/** What can be along in the charts of one job. */
const ALONG = ["step", "time"] as const;
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
  const [axis, setAxis] = useQueryState("x", parseAsStringLiteral(ALONG).withDefault("step"));
  const [zoom, setZoom] = useState<{ axis: string; range: ChartRange | null }>({ axis, range: null });
  const range = zoom.axis === axis ? zoom.range : null;
  const [width, setWidth] = useState(1000);
  const widen = useCallback((px: number) => setWidth((old) => (px > old ? Math.ceil(px / 500) * 500 : old)), []);
  // Along time a part of the charts is a part of what is here: the API cuts by steps.
  const view = axis === "step" ? { width, firstStep: range?.first, lastStep: range?.last } : { width };
  const { curves, version, error, refetch, isFetching, isPending } = useJobMetrics(job.id, view, isLive);
  const unit = axis === "time" ? timeUnit([curves]) : 1;
  const lastStep = job.progress?.unit === "steps" ? job.progress.total : (forecastSteps(job.forecast) ?? undefined);
  const [main, second, ...others] = chartsOf(recipe, locale);
  if (!main) return null;
  const isSecondBeside = beside !== null;
  const below = [...(isSecondBeside || !second ? [] : [second]), ...others];

  const panel = (chart: JobChart) => ({
    title: chart.title,
    name: chart.name,
    series: linesOf(curves, chart.lines, { axis, unit }),
    csvHref: linkTo(pointsFile(job.id, chart.lines.map(({ name }) => name))),
    version,
    xLabel: axis === "step" ? t("step") : t(`elapsed.${unitName(unit)}`),
    syncKey: `job:${job.id}:${axis}`,
    range,
    onRange: (next: ChartRange | null) => setZoom({ axis, range: next }),
    onWidth: widen,
    lastStep: axis === "step" ? lastStep : undefined,
    filePrefix: job.name,
    empty: isPending ? "" : t(isLive ? "waiting" : "none"),
    ...formatOf(chart.unit),
  });
  const along = (
    <Segmented label={t("along")} value={axis} onChange={(next) => void setAxis(next)} options={ALONG.map((value) => ({ value, label: t(value) }))} />
  );
  return (
    <div className="grid gap-3">
      {error && <ProblemState problem={error} onRetry={() => void refetch()} retrying={isFetching} />}
      <div className={cn("grid gap-3", isSecondBeside && "lg:grid-cols-[2fr_1fr]")}>
        <ChartPanel key={axis} {...panel(main)} lead={along} first={main.unit === "loss" ? SMOOTHED : undefined} height={BIG_PX} />
        {isSecondBeside && (
          <div className="grid content-start gap-3">
            {second && <ChartPanel key={axis} {...panel(second)} isSmall height={BESIDE_PX} />}
            {beside}
          </div>
        )}
      </div>
      {below.length > 0 && (
        <div className="grid gap-3 md:grid-cols-3">
          {below.map((chart) => (
            <ChartPanel key={`${chart.name} ${axis}`} {...panel(chart)} isSmall height={SMALL_PX} />
          ))}
        </div>
      )}
    </div>
  );
}
