"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { Badge } from "./badge";

export const JOB_STATES = ["pending", "queued", "running", "completed", "failed", "cancelled"] as const;
export type JobStateName = (typeof JOB_STATES)[number];

const TONE = {
  pending: "neutral",
  queued: "neutral",
  running: "ai",
  completed: "good",
  failed: "bad",
  cancelled: "neutral",
} as const;

/** Each state has a shape of its own: the six can be told apart without colour. */
const MARK: Record<JobStateName, ReactNode> = {
  pending: <circle cx="4" cy="4" r="3" strokeDasharray="1.6 1.6" />,
  queued: <circle cx="4" cy="4" r="3" />,
  running: <circle cx="4" cy="4" r="3" className="animate-pulse-dot" fill="currentColor" />,
  completed: <path d="M1 4.2 3.2 6.4 7 1.8" strokeLinecap="round" strokeLinejoin="round" />,
  failed: <path d="M1.4 1.4l5.2 5.2M6.6 1.4 1.4 6.6" strokeLinecap="round" />,
  cancelled: <path d="M1 4h6" strokeLinecap="round" />,
};

export function StateMark({ state }: { state: JobStateName }) {
  return (
    <svg viewBox="0 0 8 8" className="size-2 shrink-0" fill="none" stroke="currentColor" strokeWidth="1.4" aria-hidden>
      {MARK[state]}
    </svg>
  );
}

/** Where a job stands; `detail` behind the word: `64%`. */
export function StateBadge({ state, detail }: { state: JobStateName; detail?: ReactNode }) {
  const t = useTranslations("states.job");
  return (
    <Badge tone={TONE[state]} mark={<StateMark state={state} />}>
      {t(state)}
      {detail !== undefined && <span className="font-normal">{detail}</span>}
    </Badge>
  );
}
