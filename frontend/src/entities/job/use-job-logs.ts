import { useQuery } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState } from "react";

import { listTrainingLogs } from "@/lib/api/generated/sdk.gen";
import type { LogLine, PageLogLine } from "@/lib/api/generated/types.gen";
import { logLines, Ring, type Sample, samples } from "@/lib/live/ring";
import { liveClient } from "@/lib/live/shared";

import { jobKeys } from "./keys";

export const LOG_LINES = 5000;
const SAMPLES = 300;
const NO_SAMPLES: readonly Sample[] = [];
const PAGE = 1000;

/** The last 5000 log lines of a job, live from where the fetched ones end. */
export function useJobLogs(id: string, isLive: boolean) {
  const query = useQuery({
    queryKey: jobKeys.logs(id),
    queryFn: ({ signal }) => fetchLog(id, signal),
    staleTime: isLive ? Number.POSITIVE_INFINITY : 60_000,
    structuralSharing: false,
  });
  const [shown, setShown] = useState<{ lines: readonly LogLine[]; dropped: number }>({ lines: [], dropped: 0 });
  const ring = query.data;
  useEffect(() => {
    if (!ring) return;
    const show = () => setShown({ lines: ring.items, dropped: ring.dropped });
    show();
    if (!isLive) return;
    return liveClient().follow(id, ring.lastSeq, {
      onEvents: ({ events }) => ring.add(logLines(events)) && show(),
    });
  }, [id, isLive, ring]);
  return { ...query, ...shown };
}

/** What a running job uses: its last samples, the newest at the end. `headSeq`: of the job's snapshot. */
export function useJobResources(id: string, headSeq: number | undefined, isLive: boolean): readonly Sample[] {
  const [shown, setShown] = useState<{ id: string; items: readonly Sample[] }>({ id, items: [] });
  const isKnown = headSeq !== undefined;
  const begin = useEffectEvent(() => Math.max(0, (headSeq ?? 0) - SAMPLES));
  useEffect(() => {
    if (!isLive || !isKnown) return;
    const ring = new Ring<Sample>(SAMPLES);
    return liveClient().follow(id, begin(), {
      onEvents: ({ events }) => ring.add(samples(events)) && setShown({ id, items: ring.items }),
    });
  }, [id, isLive, isKnown]);
  return isLive && shown.id === id ? shown.items : NO_SAMPLES;
}

async function fetchLog(id: string, signal: AbortSignal): Promise<Ring<LogLine>> {
  const ring = new Ring<LogLine>(LOG_LINES);
  let next: string | null = "0";
  while (next !== null) {
    const page: PageLogLine = await fetchLogPage(id, Number(next), signal);
    ring.add(page.data);
    next = page.next;
  }
  return ring;
}

async function fetchLogPage(id: string, after: number, signal: AbortSignal): Promise<PageLogLine> {
  return (await listTrainingLogs({ path: { job_id: id }, query: { after, limit: PAGE }, signal })).data;
}
