"use client";

import { useTranslations } from "next-intl";
import { createRef, useMemo, useState } from "react";

import { ChartPanel } from "@/components/chart/chart-panel";
import type { ChartHandle } from "@/components/chart/line-chart";
import { onePicture } from "@/components/chart/pictures";
import { readLook } from "@/components/chart/plot-look";
import type { ChartRange } from "@/components/chart/series";
import { notify } from "@/components/ui/toast";
import { axesOf, timeUnit, unitName } from "@/entities/job/axis";
import { isEvaluation } from "@/entities/job/figures";
import { comparedPointsFile } from "@/entities/job/whole-files";
import { useMetricTitle } from "@/entities/recipe/metrics";
import { useApiLink } from "@/lib/api/address";
import type { MetricOut } from "@/lib/api/generated/types.gen";
import { saveBlob, saveFrom } from "@/lib/download";
import type { Curves } from "@/lib/live/curves";
import { useFormat } from "@/lib/use-format";

import { isShown, isSmoothed, linesOf, metricNames } from "./chart-lines";
import { ChartsToolbar } from "./charts-toolbar";
import type { ComparedRun, CompareLook } from "./use-compared";

export interface CompareChartsProps {
  runs: readonly ComparedRun[];
  curves: ReadonlyMap<string, Curves>;
  /** What the recipes of the runs say of their metrics. */
  metrics: readonly MetricOut[];
  version: number;
  look: CompareLook;
  onLook: (change: Partial<Omit<CompareLook, "hidden">>) => void;
  highlighted: string | null;
}

const SYNC = "compare";
/** The charts that come first are the higher ones. */
const FIRST = 2;

/** A chart a metric, a line a run, one toolbar, one cursor and one range for all. */
export function CompareCharts({ runs, curves, metrics, version, look, onLook, highlighted }: CompareChartsProps) {
  const t = useTranslations("compare");
  const titleOf = useMetricTitle(metrics);
  const format = useFormat();
  const linkTo = useApiLink();
  const { axis, hidden } = look;
  const unit = axis === "time" ? timeUnit(curves.values()) : 1;
  const along = `${axis} ${unit}`;
  const [range, setRange] = useState<{ along: string; range: ChartRange | null }>({ along, range: null });
  const all = metricNames(curves, metrics);
  const evaluations = all.filter((name) => isEvaluation(name, metrics)).length;
  const hasBoth = evaluations > 0 && evaluations < all.length;
  const names = hasBoth ? all.filter((name) => isShown(name, look.shown, metrics)) : all;
  const nameKey = names.join(" ");
  const handles = useMemo(() => new Map(nameKey.split(" ").map((name) => [name, createRef<ChartHandle>()])), [nameKey]);
  const ids = runs.flatMap(({ id, job }) => (job && !hidden.has(id) ? [id] : []));
  const axes = new Set([...curves.values()].flatMap((one) => axesOf(one, metrics)));
  const waits = axis === "time" && ids.some((id) => (curves.get(id)?.clock.waitedS ?? 0) >= 1);

  const savePicture = async () => {
    const drawn = await Promise.all([...handles.values()].map((one) => one.current?.picture() ?? null));
    const picture = await onePicture(drawn.filter((one) => one !== null), readLook().token("--panel"));
    if (picture) saveBlob(picture, "llmlora-compare.png");
    else notify.bad(t("noPicture"));
  };
  const specs = new Map(metrics.map((metric) => [metric.name, metric]));
  if (all.length === 0) return <p className="rounded-lg border bg-panel px-3.5 py-8 text-center text-ink-3">{t("noPoints")}</p>;
  return (
    <>
      <ChartsToolbar
        look={look}
        onChange={onLook}
        axes={axes}
        hasBoth={hasBoth}
        onCsv={ids.length > 0 ? () => saveFrom(linkTo(comparedPointsFile(ids, names))) : undefined}
        onPicture={() => void savePicture()}
        note={axis === "time" ? t(waits ? "axis.timeWaits" : "axis.timeHint") : null}
      />
      <div className="grid gap-3 lg:grid-cols-2">
        {names.map((name, index) => {
          const metric = specs.get(name);
          const isBytes = metric?.unit === "bytes";
          return (
            <ChartPanel
              key={`${name} ${along}`}
              name={`compare:${name}`}
              title={titleOf(name)}
              shared={{ ...look, isLog: look.isLog || metric?.axis === "log" }}
              handle={handles.get(name)}
              hasSmoothing={isSmoothed(metric)}
              series={linesOf(name, { runs, curves, metrics, axis, hidden, highlighted, unit })}
              version={version}
              xLabel={t(axis === "time" ? `axis.unit.${unitName(unit)}` : `axis.${axis}`)}
              syncKey={SYNC}
              range={range.along === along ? range.range : null}
              onRange={(next) => setRange({ along, range: next })}
              format={isBytes ? format.bytes : format.metric}
              formatTick={isBytes ? format.bytes : undefined}
              hasLabels={false}
              height={index < FIRST ? 260 : 180}
              empty={t(hidden.size > 0 ? "noneShown" : "noneOnAxis")}
            />
          );
        })}
      </div>
    </>
  );
}
