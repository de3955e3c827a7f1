import { type RefObject, useEffect, useEffectEvent, useMemo, useRef, useState } from "react";

import { type Aligned, align } from "./align";
import type { LineChartProps } from "./line-chart";
import type { Plot, Pointed } from "./plot";
import { readLook, watchLook } from "./plot-look";
import type { PlotShape } from "./plot-options";
import { type ChartRange, type ChartSeries, colourOf, dashOf } from "./series";

interface PlotSettings extends LineChartProps {
  height: number;
  range: ChartRange | null;
  format: (value: number) => string;
  locale: string;
  onPoint: (pointed: Pointed | null) => void;
  onZoom: (range: ChartRange | null) => void;
}

type PlotClass = typeof Plot;

/** Keeps a plot in the host: made anew only when its shape or the theme changes, else given new points once a frame. */
export function usePlot(host: RefObject<HTMLElement | null>, settings: PlotSettings): RefObject<Plot | null> {
  const plot = useRef<Plot | null>(null);
  const [PlotOf, setPlotOf] = useState<PlotClass | null>(null);
  const [turn, setTurn] = useState(0);
  const { version, smoothing = 0, isLog = false, range, lastStep, height } = settings;
  const shapeKey = useMemo(() => keyOf(settings), [settings]);

  useEffect(() => {
    let isGone = false;
    void import("./plot").then((loaded) => !isGone && setPlotOf(() => loaded.Plot));
    return () => {
      isGone = true;
    };
  }, []);
  useEffect(() => watchLook(() => setTurn((old) => old + 1)), []);

  const point = useEffectEvent((pointed: Pointed | null) => settings.onPoint(pointed));
  const zoom = useEffectEvent((next: ChartRange | null) => settings.onZoom(next));
  const tellWidth = useEffectEvent((width: number) => settings.onWidth?.(width));
  const state = useEffectEvent(() => ({ data: aligned(settings), range, lastStep }));
  const make = useEffectEvent((Class: PlotClass, box: HTMLElement, width: number) => {
    const callbacks = { onPoint: (at: Pointed | null) => point(at), onRange: (next: ChartRange | null) => zoom(next) };
    return new Class(box, shapeOf(settings), readLook(), { width, height }, state(), callbacks);
  });

  useEffect(() => {
    const box = host.current;
    if (!box) return;
    const resize = () => {
      const width = Math.floor(box.clientWidth);
      if (width === 0) return;
      tellWidth(width);
      if (PlotOf && !plot.current) plot.current = make(PlotOf, box, width);
      else plot.current?.resize(width, height);
    };
    const observer = new ResizeObserver(resize);
    observer.observe(box);
    resize();
    return () => {
      observer.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [PlotOf, host, shapeKey, turn, height]);

  useEffect(() => {
    const frame = requestAnimationFrame(() => plot.current?.update(state()));
    return () => cancelAnimationFrame(frame);
  }, [version, smoothing, isLog, range, lastStep]);

  return plot;
}

function aligned({ series, smoothing = 0, isLog = false }: PlotSettings): Aligned {
  return align(series, { smoothing, isLog });
}

function shapeOf(settings: PlotSettings): PlotShape {
  const look = readLook();
  return {
    lines: settings.series.map((one, place) => ({
      label: one.label,
      colour: look.token(colourOf(one, place)),
      dash: dashOf(one, place),
      sample: sampleOf(one, settings.format),
    })),
    isSmoothed: (settings.smoothing ?? 0) > 0,
    isLog: settings.isLog ?? false,
    isClipped: settings.isClipped ?? false,
    hasLabels: settings.hasLabels ?? true,
    syncKey: settings.syncKey,
    locale: settings.locale,
    format: settings.format,
    formatTick: settings.formatTick,
  };
}

/** The longest text among the ends of a line and its extremes, so that later values find room too. */
function sampleOf({ values }: ChartSeries, format: (value: number) => string): string {
  const texts = [values[0], values[values.length >> 1], values[values.length - 1]].map((value) => format(value ?? 0.123));
  return [...texts, "0.000"].reduce((longest, text) => (text.length > longest.length ? text : longest));
}

/** Two settings with the same key can share a plot. */
function keyOf(settings: PlotSettings): string {
  const { series, smoothing = 0, isLog, isClipped, hasLabels, syncKey, locale } = settings;
  const lines = series.map((one, place) => [one.name, one.label, colourOf(one, place), dashOf(one, place)]);
  return JSON.stringify([lines, smoothing > 0, isLog, isClipped, hasLabels, syncKey, locale]);
}
