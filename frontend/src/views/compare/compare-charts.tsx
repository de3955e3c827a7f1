"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";

import { ChartPanel } from "@/components/chart/chart-panel";
import type { ChartRange } from "@/components/chart/series";
import { useNow } from "@/entities/job/job-time";
import { comparedPointsFile } from "@/entities/job/whole-files";
import { useApiLink } from "@/lib/api/address";
import type { Curves } from "@/lib/live/curves";
import { isFinal } from "@/lib/live/reducer";
import { useFormat } from "@/lib/use-format";

import type { Axis } from "./axis";
import { linesOf, metricNames } from "./chart-lines";
import type { ComparedRun } from "./use-compared";
import { useMetricWords } from "./use-metric-words";

export interface CompareChartsProps {
  runs: readonly ComparedRun[];
  curves: ReadonlyMap<string, Curves>;
  version: number;
  axis: Axis;
  hidden: ReadonlySet<string>;
  highlighted: string | null;
}

const SYNC = "compare";
const EVERY_MS = 5000;

/** A chart a metric, a line a run, one cursor and one range for all. */
export function CompareCharts({ runs, curves, version, axis, hidden, highlighted }: CompareChartsProps) {
  const t = useTranslations("compare");
  const wordOf = useMetricWords();
  const format = useFormat();
  const linkTo = useApiLink();
  const isLive = runs.some(({ job }) => job && !isFinal(job.state));
  const nowMs = useNow(EVERY_MS, isLive && axis === "time");
  const [range, setRange] = useState<{ axis: Axis; range: ChartRange | null }>({ axis, range: null });
  const drawn = { runs, curves, axis, hidden, highlighted, nowMs };
  const names = metricNames(curves);
  const shown = runs.flatMap(({ id, job }) => (job && !hidden.has(id) ? [id] : []));
  if (names.length === 0) return <p className="rounded-lg border bg-panel px-3.5 py-8 text-center text-ink-3">{t("noPoints")}</p>;
  return (
    <div className="grid gap-3 lg:grid-cols-2">
      {names.map((name, index) => {
        const series = linesOf(name, drawn);
        return (
          <ChartPanel
            key={`${name} ${axis}`}
            name={`compare:${name}`}
            title={wordOf(name)}
            filePrefix="llmlora-compare"
            csvHref={linkTo(comparedPointsFile(shown, [name]))}
            first={name === "train/loss" ? { smoothing: 0.6 } : undefined}
            hasSmoothing={name.startsWith("train/") && name !== "train/learning_rate"}
            series={series}
            // On the axis of time the points of what runs move with the clock.
            version={version + nowMs}
            xLabel={t(`axis.${axis}`)}
            syncKey={SYNC}
            range={range.axis === axis ? range.range : null}
            onRange={(next) => setRange({ axis, range: next })}
            format={name.endsWith("/bytes") ? format.bytes : format.metric}
            formatTick={name.endsWith("/bytes") ? format.bytes : undefined}
            hasLabels={false}
            height={index < 2 ? 260 : 180}
            empty={t(hidden.size > 0 ? "noneShown" : "noneOnAxis")}
          />
        );
      })}
    </div>
  );
}
