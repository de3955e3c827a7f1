import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";

import { getTrainingMetrics } from "@/lib/api/generated/sdk.gen";
import type { MetricsOut } from "@/lib/api/generated/types.gen";
import { Curves } from "@/lib/live/curves";
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
  const { data, dataUpdatedAt, refetch, isPlaceholderData } = query;
  const curves = useMemo(() => curvesOf(data), [data]);
  const [growth, setGrowth] = useState(0);
  const grows = isLive && !isPlaceholderData && lastStep === undefined;

  useEffect(() => {
    if (!data || !grows) return;
    let added = 0;
    return liveClient().follow(id, data.head_seq, {
      onEvents: ({ events }) => {
        if (!curves.apply(events)) return;
        added += events.length;
        setGrowth((old) => old + 1);
        if (added > asked.width * LIVE_POINTS_PER_PIXEL) void refetch();
      },
    });
  }, [curves, data, id, grows, asked.width, refetch]);

  return { ...query, curves, version: dataUpdatedAt + growth };
}

function curvesOf(metrics: MetricsOut | undefined): Curves {
  const curves = new Curves();
  if (metrics) curves.reset(metrics);
  return curves;
}
