import { cn } from "@/lib/cn";

import { sparkPath } from "./spark-path";

interface SparklineProps {
  /** Oldest first; null where nothing was measured. */
  values: readonly (number | null)[];
  /** Lowest and highest there can be; without it those of the values. */
  range?: readonly [low: number, high: number];
  width?: number;
  height?: number;
  /** What it shows, for those who do not see it. */
  label: string;
  className?: string;
}

/** The shape of a curve in a line of text: no axes, the last value marked. */
export function Sparkline({ values, range, width = 96, height = 24, label, className }: SparklineProps) {
  const { path, last } = sparkPath(values, width, height, range);
  return (
    <svg
      role="img"
      aria-label={label}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      className={cn("block shrink-0 overflow-visible text-ai", className)}
    >
      {path ? (
        <path d={path} fill="none" stroke="currentColor" strokeWidth={1.5} strokeLinecap="round" strokeLinejoin="round" />
      ) : (
        <line x1={0} x2={width} y1={height - 1.5} y2={height - 1.5} stroke="var(--line-strong)" strokeDasharray="2 3" />
      )}
      {last && <circle cx={last.x} cy={last.y} r={2.25} fill="currentColor" />}
    </svg>
  );
}
