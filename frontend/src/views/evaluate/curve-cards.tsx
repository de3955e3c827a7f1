"use client";

import { useLocale } from "next-intl";

import { Card } from "@/components/ui/card";
import type { Curve } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

import { frameOf, pathOf } from "./curve";

const WIDTH = 400;
const HEIGHT = 220;
const LEFT = 58;
const BOTTOM = 34;
const ROOM = 8;

export function CurveCards({ curves }: { curves: readonly Curve[] }) {
  const locale = useLocale();
  return curves.map((curve) => (
    <Card key={curve.name} title={curve.title[locale]}>
      <Plot curve={curve} />
    </Card>
  ));
}

function Plot({ curve }: { curve: Curve }) {
  const locale = useLocale();
  const format = useFormat();
  const frame = frameOf(curve.points);
  const x = (value: number) => LEFT + ((value - frame.left) / (frame.right - frame.left)) * (WIDTH - LEFT - ROOM);
  const y = (value: number) => HEIGHT - BOTTOM - ((value - frame.low) / (frame.high - frame.low)) * (HEIGHT - BOTTOM - ROOM);
  const ticks = [0, 0.5, 1];
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="w-full max-w-140 text-ink-3" role="img" aria-label={curve.title[locale]}>
      {ticks.map((part) => {
        const value = frame.low + part * (frame.high - frame.low);
        return (
          <g key={part}>
            <line x1={LEFT} x2={WIDTH - ROOM} y1={y(value)} y2={y(value)} className="stroke-line" />
            <text x={LEFT - 5} y={y(value) + 4} textAnchor="end" fontSize="11" fill="currentColor">{format.metric(value, 2)}</text>
          </g>
        );
      })}
      {ticks.map((part) => {
        const value = frame.left + part * (frame.right - frame.left);
        return (
          <text key={part} x={x(value)} y={HEIGHT - BOTTOM + 14} textAnchor={part === 0 ? "start" : part === 1 ? "end" : "middle"} fontSize="11" fill="currentColor">
            {format.metric(value, 2)}
          </text>
        );
      })}
      <text x={(LEFT + WIDTH) / 2} y={HEIGHT - 4} textAnchor="middle" fontSize="11" fill="currentColor">{curve.x[locale]}</text>
      <text x={12} y={(HEIGHT - BOTTOM) / 2} textAnchor="middle" fontSize="11" fill="currentColor" transform={`rotate(-90 12 ${(HEIGHT - BOTTOM) / 2})`}>
        {curve.y[locale]}
      </text>
      <path d={pathOf(curve.points.map(([across, up]) => [x(across), y(up)]))} className="fill-none stroke-ai" strokeWidth="2" strokeLinejoin="round" />
    </svg>
  );
}
