import { useMemo } from "react";

import type { JobOut } from "@/lib/api/generated/types.gen";

import { MOST_QUEUED, QUEUED } from "./queries";
import { useJobs } from "./use-jobs";

export interface QueuePosition {
  /** From 1. */
  place: number;
  length: number;
}


/** Where each queued job stands: the more urgent first, then the older, as the workers take them. */
export function queuePositions(queued: readonly JobOut[]): Map<string, QueuePosition> {
  const line = queued.filter((job) => job.state === "queued").sort(byTurn);
  return new Map(line.map((job, index) => [job.id, { place: index + 1, length: line.length }]));
}

/** The line of queued jobs, live. */
export function useQueuePositions(): ReadonlyMap<string, QueuePosition> {
  const { jobs } = useJobs(QUEUED, MOST_QUEUED);
  return useMemo(() => queuePositions(jobs), [jobs]);
}

function byTurn(one: JobOut, other: JobOut): number {
  return (
    other.priority - one.priority ||
    one.created_at.localeCompare(other.created_at) ||
    one.id.localeCompare(other.id)
  );
}
