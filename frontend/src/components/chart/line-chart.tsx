"use client";

import "uplot/dist/uPlot.min.css";

import { useLocale, useTranslations } from "next-intl";
import { type KeyboardEvent, type Ref, useId, useImperativeHandle, useMemo, useRef, useState } from "react";

import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/use-format";
import { Legend } from "./legend";
import type { Pointed } from "./plot";
import type { ChartRange, ChartSeries } from "./series";
import { useAnnounced } from "./use-announced";
import { usePlot } from "./use-plot";

export interface ChartHandle {
  /** The chart as a PNG. */
  picture: () => Promise<Blob | null>;
}

export interface LineChartProps {
  series: readonly ChartSeries[];
  /** Changes whenever a series has grown: the plot takes the new points and stays. */
  version: number;
  /** What the chart shows, for those who listen and for the picture. */
  label: string;
  /** What counts along the x axis: ステップ. */
  xLabel: string;
  /** The cursors of all charts with the same key move together. */
  syncKey?: string;
  /** 0 to 0.99, as TensorBoard's; the raw line stays faintly behind. */
  smoothing?: number;
  isLog?: boolean;
  isClipped?: boolean;
  height?: number;
  /** Where the axis ends before the points are there: the last step of the run. */
  lastStep?: number;
  /** The part in sight, where the page decides. */
  range?: ChartRange | null;
  /** A person has zoomed; null: out again. Fetch full detail for the range. */
  onRange?: (range: ChartRange | null) => void;
  onWidth?: (width: number) => void;
  format?: (value: number) => string;
  formatTick?: (value: number) => string;
  /** Name and value where each line ends. */
  hasLabels?: boolean;
  handle?: Ref<ChartHandle>;
  className?: string;
}

const FAR = 10;

/** Curves over steps. Drag to zoom, double-click or Escape for all, arrow keys to go from point to point. */
export function LineChart(props: LineChartProps) {
  const { series, label, xLabel, height = 220, handle, className } = props;
  const t = useTranslations("chart");
  const locale = useLocale();
  const formats = useFormat();
  const format = props.format ?? formats.metric;
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const [ownRange, setOwnRange] = useState<ChartRange | null>(null);
  const range = props.range === undefined ? ownRange : props.range;
  const [words, announce] = useAnnounced();
  const helpId = useId();
  const host = useRef<HTMLDivElement>(null);

  const zoom = (next: ChartRange | null) => {
    setOwnRange(next);
    props.onRange?.(next);
  };
  const plot = usePlot(host, { ...props, height, range, format, locale, onPoint: setPointed, onZoom: zoom });
  useImperativeHandle(handle, () => ({ picture: async () => (await plot.current?.picture(label)) ?? null }), [plot, label]);

  const say = useMemo(
    () => (at: Pointed | null | undefined) => {
      if (!at) return;
      const values = series.map((one, place) => `${one.label} ${format(at.values[place] ?? Number.NaN)}`);
      announce(`${xLabel} ${formats.number(at.step)}: ${values.join(", ")}`);
    },
    [announce, format, formats, series, xLabel],
  );
  const onKeyDown = (event: KeyboardEvent) => {
    const drawn = plot.current;
    if (!drawn || event.altKey || event.ctrlKey || event.metaKey) return;
    const far = event.shiftKey ? FAR : 1;
    const moves: Record<string, () => void> = {
      ArrowLeft: () => say(drawn.moveBy(-far)),
      ArrowRight: () => say(drawn.moveBy(far)),
      Home: () => say(drawn.moveTo(0)),
      End: () => say(drawn.moveTo(Number.MAX_SAFE_INTEGER)),
      Escape: () => zoom(null),
      "+": () => zoom(drawn.zoomedBy(0.5) ?? range),
      "-": () => zoom(drawn.zoomedBy(2)),
    };
    const move = moves[event.key];
    if (!move || (event.key === "Escape" && !range)) return;
    event.preventDefault();
    event.stopPropagation();
    move();
  };

  return (
    <div className={cn("min-w-0", className)}>
      <Legend series={series} pointed={pointed} xLabel={xLabel} format={format} smoothing={props.smoothing ?? 0} isZoomed={range !== null} onReset={() => zoom(null)} />
      <div
        ref={host}
        role="application"
        aria-label={t("label", { label })}
        aria-describedby={helpId}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => plot.current?.leave()}
        style={{ height }}
        className={cn(
          "relative w-full overflow-hidden rounded-sm -outline-offset-1",
          "[&_.u-cursor-x]:border-solid! [&_.u-cursor-x]:border-line-strong!",
          "[&_.u-select]:bg-ai/12",
        )}
      />
      <span id={helpId} className="sr-only">
        {t("help")}
      </span>
      <span role="status" className="sr-only">
        {words}
      </span>
    </div>
  );
}
