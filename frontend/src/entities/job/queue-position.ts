import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import type { WaitingJobs } from "@/lib/api/generated/types.gen";

import { queueOptions } from "./queries";

export interface QueuePosition {
  /** From 1. */
  place: number;
  length: number;
}

/** Where each queued job stands in the whole line, however few of the jobs a page has loaded. */
export function queuePositions({ data, length }: WaitingJobs): Map<string, QueuePosition> {
  return new Map(data.map((id, index) => [id, { place: index + 1, length }]));
}

/** The line of queued jobs, looked at again and again. */
export function useQueuePositions(): ReadonlyMap<string, QueuePosition> {
  const { data } = useQuery(queueOptions());
  return useMemo(() => queuePositions(data ?? { data: [], length: 0 }), [data]);
}
