import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { getTrainingMetrics } from "@/lib/api/generated/sdk.gen";
import { curvesOf } from "@/lib/live/curves";
import { liveClient } from "@/lib/live/shared";

import { jobKeys } from "./keys";

/** What part of the curves a chart shows, and how many pixels it has. */
export interface MetricsView {
  names?: string[];
  width: number;
  firstStep?: number;
  lastStep?: number;
}

const LIVE_POINTS_PER_PIXEL = 4;

/**
 * The curves of a job: down-sampled by the API to the chart's width, in full detail where zoomed, and growing while the
 * job runs. `version` changes whenever `curves` does; between two answers of the API the object stays and grows.
 */
export function useJobMetrics(id: string, view: MetricsView, isLive: boolean) {
  const { names, width, firstStep = 0, lastStep } = view;
  const asked = { name: names, width: Math.min(10_000, Math.max(4, Math.round(width))), first_step: firstStep };
  const queryParams = lastStep === undefined ? asked : { ...asked, last_step: lastStep };
  const query = useQuery({
    queryKey: jobKeys.metrics(id, queryParams),
    queryFn: async ({ signal }) =>
      (await getTrainingMetrics({ path: { job_id: id }, query: queryParams, signal })).data,
    // Another view of the same job stays visible until this one is there.
    placeholderData: (old, oldQuery) => (oldQuery?.queryKey[2] === id ? old : undefined),
    staleTime: isLive ? 0 : 60_000,
    structuralSharing: false,
  });
  const { data, dataUpdatedAt, refetch, isPlaceholderData, isFetching } = query;
  const curves = curvesOf(data);
  const [growth, setGrowth] = useState(0);
  // An answer that is being renewed is not grown meanwhile: what it lacks would be replayed.
  const grows = isLive && !isPlaceholderData && !isFetching && lastStep === undefined;

  useEffect(() => {
    if (!data || !grows) return;
    return liveClient().follow(id, curves.headSeq, {
      onEvents: ({ events }) => {
        curves.apply(events);
        setGrowth(curves.grown);
        if (curves.grown > asked.width * LIVE_POINTS_PER_PIXEL) void refetch();
      },
      onSkipped: () => void refetch(),
    });
  }, [curves, data, id, grows, asked.width, refetch]);

  return { ...query, curves, version: dataUpdatedAt + growth };
}
