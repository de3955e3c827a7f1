"use client";

import { type ReactNode, useId } from "react";

import { cn } from "@/lib/cn";
import { PersonsName } from "./persons-name";

interface ProgressProps {
  label: string;
  /** From 0 to 1; null where the end is not known. */
  value: number | null;
  /** Behind the label: `612 / 960`. Without it only the bar shows. */
  detail?: ReactNode;
  tone?: "ai" | "good" | "caution" | "bad";
  className?: string;
}

const TONE = { ai: "bg-ai", good: "bg-good-mark", caution: "bg-caution-mark", bad: "bg-bad-mark" } as const;

export function Progress({ label, value, detail, tone = "ai", className }: ProgressProps) {
  const id = useId();
  const percent = value === null ? undefined : Math.min(100, Math.max(0, value * 100));
  return (
    <div
      role="progressbar"
      aria-labelledby={id}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={percent === undefined ? undefined : `${Math.floor(percent)}%`}
      className={cn("grid min-w-0 grid-cols-[1fr_auto] gap-x-3 gap-y-1", className)}
    >
      <span id={id} className={cn("truncate text-xs text-ink-2", detail === undefined && "sr-only")}>
        <PersonsName>{label}</PersonsName>
      </span>
      {detail !== undefined && <span className="text-xs text-ink-3">{detail}</span>}
      <div className="relative col-span-2 h-1 overflow-hidden rounded-full bg-line">
        {percent === undefined ? (
          <div className={cn("absolute inset-y-0 w-2/5 animate-sweep rounded-full", TONE[tone])} />
        ) : (
          <div
            style={{ width: `${percent}%` }}
            className={cn("h-full rounded-full transition-[width] duration-300 ease-out", TONE[tone])}
          />
        )}
      </div>
    </div>
  );
}
