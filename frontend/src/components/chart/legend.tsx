"use client";

import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { PersonsName } from "@/components/ui/persons-name";
import { useFormat } from "@/lib/use-format";
import { smooth } from "./ema";
import type { Pointed } from "./plot";
import { type ChartSeries, colourOf, dashOf } from "./series";

interface LegendProps {
  series: readonly ChartSeries[];
  pointed: Pointed | null;
  xLabel: string;
  format: (value: number) => string;
  smoothing: number;
  isZoomed: boolean;
  onReset: () => void;
}

/** The lines by name, and their values as drawn under the cursor; without one, the last. Where a line is smoothed, the measured value too. */
export function Legend({ series, pointed, xLabel, format, smoothing, isZoomed, onReset }: LegendProps) {
  const t = useTranslations("chart");
  const { number } = useFormat();
  const step = pointed?.step ?? lastStepOf(series);
  return (
    <div className="flex min-h-6 flex-wrap items-center gap-x-4 text-xs text-ink-3">
      <span className="min-w-20 whitespace-nowrap">{step === undefined ? xLabel : `${xLabel} ${number(step)}`}</span>
      {series.map((one, place) => (
        <span key={one.name} className="inline-flex items-center gap-1.5 whitespace-nowrap">
          {series.length > 1 && (
            <>
              <Stroke series={one} place={place} />
              <PersonsName>{one.label}</PersonsName>
            </>
          )}
          <span className="min-w-10 text-ink">{valueText(pointed ? pointed.values[place] : lastDrawn(one, smoothing), format)}</span>
          {smoothing > 0 && !one.isExact && (
            <span>{t("measured", { value: valueText(pointed ? pointed.measured[place] : lastOf(one), format) })}</span>
          )}
        </span>
      ))}
      {isZoomed && (
        <Button size="sm" variant="quiet" className="-my-0.5 ml-auto" onClick={onReset}>
          {t("showAll")}
        </Button>
      )}
    </div>
  );
}

/** A piece of the line, as the chart draws it. */
export function Stroke({ series, place }: { series: ChartSeries; place: number }) {
  return (
    <svg width="20" height="8" aria-hidden className="shrink-0">
      <path
        d="M0 4h20"
        stroke={`var(${colourOf(series, place)})`}
        strokeWidth="2"
        strokeDasharray={dashOf(series, place).join(" ") || undefined}
      />
    </svg>
  );
}

/** The end of the line as it is drawn. */
function lastDrawn(series: ChartSeries, smoothing: number): number | undefined {
  return series.isExact ? lastOf(series) : smooth(series.values, smoothing).at(-1);
}

function lastOf(series: ChartSeries): number | undefined {
  return series.values[series.values.length - 1];
}

function lastStepOf(series: readonly ChartSeries[]): number | undefined {
  const last = series.flatMap((one) => one.steps[one.steps.length - 1] ?? []);
  return last.length > 0 ? Math.max(...last) : undefined;
}

function valueText(value: number | null | undefined, format: (value: number) => string): string {
  return format(value ?? Number.NaN);
}
