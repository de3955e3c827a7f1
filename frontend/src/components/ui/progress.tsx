"use client";

import { Progress as Base } from "@base-ui/react/progress";
import type { ReactNode } from "react";

import { cn } from "@/lib/cn";

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
  const percent = value === null ? null : Math.min(100, Math.max(0, value * 100));
  return (
    <Base.Root value={percent} className={cn("grid min-w-0 grid-cols-[1fr_auto] gap-x-3 gap-y-1", className)}>
      <Base.Label className={cn("truncate text-xs text-ink-2", detail === undefined && "sr-only")}>{label}</Base.Label>
      {detail !== undefined && <span className="text-xs text-ink-3">{detail}</span>}
      <Base.Track className="relative col-span-2 h-1 overflow-hidden rounded-full bg-line">
        {percent === null ? (
          <div className={cn("absolute inset-y-0 w-2/5 animate-sweep rounded-full", TONE[tone])} />
        ) : (
          <Base.Indicator className={cn("rounded-full transition-[width] duration-300 ease-out", TONE[tone])} />
        )}
      </Base.Track>
    </Base.Root>
  );
}
