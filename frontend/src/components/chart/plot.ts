import uPlot from "uplot";

import type { Aligned } from "./align";
import type { PlotLook } from "./plot-look";
import { plotOptions, type PlotShape } from "./plot-options";
import type { ChartRange } from "./series";

/** What the cursor points at; `place` counts along the common axis. */
export interface Pointed {
  place: number;
  step: number;
  /** As drawn (smoothed where the line is), one a series, the nearest where a series has none at this very step. */
  values: (number | null | undefined)[];
  /** The same points as measured. */
  measured: (number | null | undefined)[];
}

interface PlotCallbacks {
  onPoint: (pointed: Pointed | null) => void;
  onRange: (range: ChartRange | null) => void;
}

interface PlotState {
  data: Aligned;
  range: ChartRange | null;
  lastStep: number | undefined;
}

/** One drawn chart: everything that happens on the canvas, apart from React. */
export class Plot {
  private readonly plot: uPlot;
  private pointed: Pointed | null = null;
  private range: ChartRange | null;
  private lastStep: number | undefined;
  private data: Aligned;

  constructor(
    host: HTMLElement,
    private readonly shape: PlotShape,
    private readonly look: PlotLook,
    size: { width: number; height: number },
    state: PlotState,
    private readonly callbacks: PlotCallbacks,
  ) {
    this.data = state.data;
    this.range = state.range;
    this.lastStep = state.lastStep;
    const hooks = {
      range: () => this.range,
      lastStep: () => this.lastStep,
      drawnValue: (line: number, place: number) => this.drawn(line)?.[place],
      onCursor: () => this.takeCursor(),
      onSelect: (range: ChartRange | null) => callbacks.onRange(range),
    };
    this.plot = new uPlot(plotOptions(shape, look, hooks, size), this.columns(), host);
  }

  /** New points or another part in sight; the plot itself stays. */
  update({ data, range, lastStep }: PlotState): void {
    this.data = data;
    this.range = range;
    this.lastStep = lastStep;
    this.plot.setData(this.columns(), true);
  }

  resize(width: number, height: number): void {
    if (this.plot.width !== width || this.plot.height !== height) this.plot.setSize({ width, height });
  }

  /** Move the cursor by so many points; from the end where it is nowhere yet. */
  moveBy(points: number): Pointed | null {
    const [from, to] = this.sight();
    const start = this.pointed?.place ?? (points < 0 ? to + 1 : from - 1);
    return this.moveTo(start + points);
  }

  moveTo(place: number): Pointed | null {
    const [from, to] = this.sight();
    const step = this.data.steps[Math.min(to, Math.max(from, place))];
    if (step === undefined) return null;
    const cursor = { left: this.plot.valToPos(step, "x"), top: this.plot.over.clientHeight / 2 };
    // The third argument tells the charts with the same key; the type does not know it.
    (this.plot.setCursor as (cursor: object, fire: boolean, tell: boolean) => void)(cursor, true, true);
    return this.pointed;
  }

  leave(): void {
    const nowhere = { left: -10, top: -10 };
    (this.plot.setCursor as (cursor: object, fire: boolean, tell: boolean) => void)(nowhere, true, true);
  }

  /** Half or double of what is in sight, around the cursor. */
  zoomedBy(factor: number): ChartRange | null {
    const { min = 0, max = 1 } = this.plot.scales.x ?? {};
    const middle = this.pointed?.step ?? (min + max) / 2;
    const first = Math.max(0, Math.floor(middle - (middle - min) * factor));
    const last = Math.ceil(middle + (max - middle) * factor);
    const steps = this.data.steps;
    const isAll = factor > 1 && first <= (steps[0] ?? 0) && last >= (steps[steps.length - 1] ?? 0);
    return isAll || last - first < 2 ? null : { first, last };
  }

  /** The chart as a picture on the page's own ground. */
  picture(title: string): Promise<Blob | null> {
    const canvas = this.plot.ctx.canvas;
    const head = 34 * devicePixelRatio;
    const picture = document.createElement("canvas");
    picture.width = canvas.width;
    picture.height = canvas.height + head;
    const context = picture.getContext("2d");
    if (!context) return Promise.resolve(null);
    context.fillStyle = this.look.token("--panel");
    context.fillRect(0, 0, picture.width, picture.height);
    context.fillStyle = this.look.token("--ink");
    context.font = this.look.font.replace(/^[\d.]+px/, `600 ${13 * devicePixelRatio}px`);
    context.textBaseline = "middle";
    context.fillText(title, 12 * devicePixelRatio, head / 2);
    context.drawImage(canvas, 0, head);
    return new Promise((resolve) => picture.toBlob(resolve, "image/png"));
  }

  destroy(): void {
    this.plot.destroy();
  }

  private columns(): uPlot.AlignedData {
    return [this.data.steps, ...this.data.raw, ...this.data.smoothed];
  }

  private drawn(line: number): Aligned["raw"][number] | undefined {
    return this.data.smoothed[line] ?? this.data.raw[line];
  }

  /** First and last place in sight. */
  private sight(): [number, number] {
    const [from, to] = this.plot.series[0]?.idxs ?? [0, this.data.steps.length - 1];
    return [from, to];
  }

  private takeCursor(): void {
    const place = this.plot.cursor.idx;
    if (place === null || place === undefined || (this.plot.cursor.left ?? -1) < 0) {
      if (this.pointed) this.callbacks.onPoint(null);
      this.pointed = null;
      return;
    }
    const places = this.shape.lines.map((_, line) => this.plot.cursor.idxs?.[1 + line] ?? place);
    const values = places.map((nearest, line) => this.drawn(line)?.[nearest]);
    const measured = places.map((nearest, line) => this.data.raw[line]?.[nearest]);
    this.pointed = { place, step: this.data.steps[place] ?? 0, values, measured };
    this.callbacks.onPoint(this.pointed);
  }
}
