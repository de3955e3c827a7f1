"use client";

import { useTranslations } from "next-intl";
import { useMemo } from "react";

import { notFinite } from "./figures";
import { useJobMetrics } from "./use-job-metrics";
import type { JobDetail } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/use-format";
import { forecastPeak, peakOf } from "./memory";

const MEMORY = ["memory/bytes"];

/** The six numbers of a training, as of its last step. */
export function Tiles({ job, isLive }: { job: JobDetail; isLive: boolean }) {
  const t = useTranslations("job.tiles");
  const { metric, number } = useFormat();
  const latest = (name: string) => job.latest_metrics[name]?.value ?? undefined;
  const loss = (name: string) => metric(latest(name), lossDigits(latest(name)));
  const figure = (name: string, finite: string) => {
    const point = job.latest_metrics[name];
    const word = notFinite(point);
    if (!point || word === null) return { value: finite };
    return { value: word, isBad: true, aside: <span className="text-xs font-normal text-ink-3">{t("atStep", { step: number(point.step) })}</span> };
  };
  return (
    <dl className="mb-3 grid grid-cols-2 gap-px border-y bg-line sm:grid-cols-3 lg:grid-cols-6">
      <Tile label={t("trainLoss")} {...figure("train/loss", loss("train/loss"))} />
      <Tile label={t("evalLoss")} {...figure("eval/loss", loss("eval/loss"))} />
      <Tile label={t("learningRate")} value={rateText(latest("train/learning_rate"))} />
      <Tile label={t("tokensPerS")} value={metric(latest("train/tokens_per_s"))} />
      <Tile label={t("gradNorm")} {...figure("train/grad_norm", metric(latest("train/grad_norm")))} />
      <MemoryTile job={job} isLive={isLive} />
    </dl>
  );
}

interface TileProps {
  label: string;
  value: string;
  aside?: React.ReactNode;
  /** It is no number: the run has diverged. */
  isBad?: boolean;
}

function Tile({ label, value, aside, isBad = false }: TileProps) {
  return (
    <div className="flex min-w-0 flex-col justify-end bg-panel px-3.5 py-2">
      <dt className="text-xs text-pretty text-ink-3">{label}</dt>
      <dd className={cn("flex flex-wrap items-baseline gap-x-1.5 text-lg leading-6.5 font-semibold whitespace-nowrap", isBad && "text-bad")}>
        {value}
        {aside}
      </dd>
    </div>
  );
}

/** The most memory that the run has held, against what was forecast. */
function MemoryTile({ job, isLive }: { job: JobDetail; isLive: boolean }) {
  const t = useTranslations("job.tiles");
  const format = useFormat();
  const { curves, version } = useJobMetrics(job.id, { names: MEMORY, width: 400 }, isLive);
  // `version` stands for what the curves hold.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const peak = useMemo(() => peakOf(curves.get("memory/bytes")?.values), [curves, version]);
  const forecast = forecastPeak(job.forecast);
  const ratio = peak !== null && forecast ? peak / forecast - 1 : null;
  const aside = ratio === null ? null : (
    <span className={cn("text-xs font-semibold", ratio > 0.1 ? "text-caution" : "text-good")}>
      <span className="sr-only">{t("againstForecast")}</span>
      {format.number(ratio, { style: "percent", signDisplay: "exceptZero", maximumFractionDigits: 0 })}
    </span>
  );
  return <Tile label={forecast ? t("peakMemoryForecast") : t("peakMemory")} value={format.bytes(peak)} aside={aside} />;
}

/** A small loss needs a further digit to be seen falling. */
export function lossDigits(loss: number | undefined): number {
  return loss !== undefined && Math.abs(loss) < 0.1 ? 4 : 3;
}

/** Learning rates are read by their exponent. */
export function rateText(rate: number | undefined): string {
  if (rate === undefined || !Number.isFinite(rate)) return "–";
  return rate === 0 ? "0" : rate.toExponential(2);
}
