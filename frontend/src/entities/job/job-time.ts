"use client";

import { useEffect, useState } from "react";

import type { JobOut } from "@/lib/api/generated/types.gen";
import { useServerMoment } from "@/lib/hydration";

/** How long a job ran, or has run until now; null before it begins. */
export function durationS(job: Pick<JobOut, "started_at" | "finished_at">, nowMs: number): number | null {
  if (!job.started_at) return null;
  const end = job.finished_at ? Date.parse(job.finished_at) : nowMs;
  return Math.max(0, (end - Date.parse(job.started_at)) / 1000);
}

/** The moment, again every so often while somebody needs it; it stands still otherwise. */
export function useNow(everyMs: number, isTicking: boolean): number {
  const delivered = useServerMoment();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isTicking) return;
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, isTicking]);
  return delivered ?? now;
}
