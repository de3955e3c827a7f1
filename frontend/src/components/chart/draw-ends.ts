import type uPlot from "uplot";

import { spreadLabels } from "./spread-labels";

export interface EndLine {
  /** Number of its series in the plot. */
  index: number;
  colour: string;
  text: (place: number) => string;
}

const LABEL_GAP = 15;
const DOT_RADIUS = 3.5;
const BESIDE = 10;

/** A dot where each line ends in sight, and its name and value beside it. */
export function drawEnds(plot: uPlot, lines: readonly EndLine[], font: string, pixelRatio: number): void {
  const ends = lines.flatMap((line) => {
    const place = lastPlace(plot, line.index);
    if (place === null) return [];
    const step = plot.data[0][place] ?? 0;
    const value = plot.data[line.index]?.[place] ?? 0;
    const [x, y] = [plot.valToPos(step, "x", true), plot.valToPos(value, "y", true)];
    const { top, height } = plot.bbox;
    return [{ line, place, x, y: Math.min(top + height, Math.max(top, y)) }];
  });
  if (ends.length === 0) return;
  const { ctx } = plot;
  const { top, height } = plot.bbox;
  const half = (LABEL_GAP / 2) * pixelRatio;
  const heights = spreadLabels(ends.map((end) => end.y), LABEL_GAP * pixelRatio, top + half, top + height - half);
  const labelX = Math.max(...ends.map((end) => end.x)) + BESIDE * pixelRatio;
  ctx.save();
  ctx.font = font.replace(/^[\d.]+px/, (size) => `${parseFloat(size) * pixelRatio}px`);
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  ends.forEach(({ line, place, x, y }, order) => {
    ctx.fillStyle = line.colour;
    ctx.beginPath();
    ctx.arc(x, y, DOT_RADIUS * pixelRatio, 0, 2 * Math.PI);
    ctx.fill();
    ctx.fillText(line.text(place), labelX, heights[order] ?? y);
  });
  ctx.restore();
}

/** The last place in sight where the line has a value. */
export function lastPlace(plot: uPlot, index: number): number | null {
  const column = plot.data[index];
  const last = plot.scales.x?.max;
  if (!column || typeof last !== "number") return null;
  for (let place = column.length - 1; place >= 0; place -= 1) {
    const value = column[place];
    if (value === null || value === undefined || (plot.data[0][place] ?? 0) > last) continue;
    return (plot.data[0][place] ?? 0) >= (plot.scales.x?.min ?? 0) ? place : null;
  }
  return null;
}
