"use client";

import { useLocale, useTranslations } from "next-intl";
import { type CSSProperties, type ReactNode, useMemo } from "react";

import type { JobDetail, MetricOut, RecipeOut } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/use-format";

import { notFinite } from "./figures";
import { forecastPeak, peakOf } from "./memory";
import { useFigures } from "./use-figures";
import { useJobMetrics } from "./use-job-metrics";

const MOST_ABREAST = { few: 3, all: 6 };

/** As many in each row as in the others, as far as that goes. */
function evenly(count: number, most: number): number {
  return Math.ceil(count / Math.ceil(count / most));
}

interface TilesProps {
  job: JobDetail;
  recipe: RecipeOut;
  isLive: boolean;
}

/** The numbers of a job that its recipe puts first, as of its last step. */
export function Tiles({ job, recipe, isLive }: TilesProps) {
  const metrics = recipe.metrics.filter(({ tile }) => tile !== null);
  if (metrics.length === 0) return null;
  const abreast = (most: number) => `repeat(${evenly(metrics.length, most)}, minmax(0, 1fr))`;
  const columns = { "--few": abreast(MOST_ABREAST.few), "--all": abreast(MOST_ABREAST.all) } as CSSProperties;
  return (
    <dl style={columns} className="mb-3 grid grid-cols-2 gap-px overflow-clip border-y sm:[grid-template-columns:var(--few)] lg:[grid-template-columns:var(--all)]">
      {metrics.map((metric) =>
        metric.tile === "peak" ? (
          <PeakTile key={metric.name} job={job} metric={metric} isLive={isLive} />
        ) : (
          <LastTile key={metric.name} job={job} metric={metric} />
        ),
      )}
    </dl>
  );
}

interface TileProps {
  label: string;
  value: string;
  aside?: ReactNode;
  /** It is no number: the run has diverged. */
  isBad?: boolean;
}

function Tile({ label, value, aside, isBad = false }: TileProps) {
  return (
    <div className="flex min-w-0 flex-col justify-end bg-panel px-3.5 py-2 shadow-[0_0_0_1px_var(--line)] max-sm:odd:last:col-span-2">
      <dt className="text-xs text-pretty text-ink-3">{label}</dt>
      <dd className={cn("flex flex-wrap items-baseline gap-x-1.5 text-lg leading-6.5 font-semibold whitespace-nowrap", isBad && "text-bad")}>
        {value}
        {aside}
      </dd>
    </div>
  );
}

function LastTile({ job, metric }: { job: JobDetail; metric: MetricOut }) {
  const t = useTranslations("job.tiles");
  const locale = useLocale();
  const { number } = useFormat();
  const { write } = useFigures();
  const point = job.latest_metrics[metric.name];
  const word = notFinite(point);
  const label = metric.title[locale];
  if (!point || word === null) return <Tile label={label} value={write(metric.unit, point?.value ?? undefined)} />;
  return <Tile label={label} value={word} isBad aside={<span className="text-xs font-normal text-ink-3">{t("atStep", { step: number(point.step) })}</span>} />;
}

/** The most that a curve has come to; of memory against what was forecast. */
function PeakTile({ job, metric, isLive }: { job: JobDetail; metric: MetricOut; isLive: boolean }) {
  const t = useTranslations("job.tiles");
  const locale = useLocale();
  const { number } = useFormat();
  const { write } = useFigures();
  const names = useMemo(() => [metric.name], [metric.name]);
  const { curves, version } = useJobMetrics(job.id, { names, width: 400 }, isLive);
  // `version` stands for what the curves hold.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const peak = useMemo(() => peakOf(curves.get(metric.name)?.values), [curves, version, metric.name]);
  const forecast = metric.unit === "bytes" ? forecastPeak(job.forecast) : null;
  const ratio = peak !== null && forecast ? peak / forecast - 1 : null;
  const aside = ratio === null ? null : (
    <span className={cn("text-xs font-semibold", ratio > 0.1 ? "text-caution" : "text-good")}>
      <span className="sr-only">{t("againstForecast")}</span>
      {number(ratio, { style: "percent", signDisplay: "exceptZero", maximumFractionDigits: 0 })}
    </span>
  );
  return <Tile label={t(forecast ? "peakForecast" : "peak", { name: metric.title[locale] })} value={write(metric.unit, peak ?? undefined)} aside={aside} />;
}
