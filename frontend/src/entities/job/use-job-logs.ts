import { useQuery } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState } from "react";

import { listTrainingLogs } from "@/lib/api/generated/sdk.gen";
import type { LogLine, LogPage } from "@/lib/api/generated/types.gen";
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
  const [shown, setShown] = useState<{ lines: readonly LogLine[]; isCut: boolean }>({ lines: [], isCut: false });
  const log = query.data;
  useEffect(() => {
    if (!log) return;
    const { ring, headSeq, isCut } = log;
    const show = () => setShown({ lines: ring.items, isCut: isCut || ring.dropped > 0 });
    show();
    if (!isLive) return;
    return liveClient().follow(id, headSeq, {
      onEvents: ({ events }) => ring.add(logLines(events)) && show(),
    });
  }, [id, isLive, log]);
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

/** `headSeq`: from where on the job's events are news. `isCut`: there are lines before these. */
interface FetchedLog {
  ring: Ring<LogLine>;
  headSeq: number;
  isCut: boolean;
}

/** The end of the log, page by page from its last line back. */
async function fetchLog(id: string, signal: AbortSignal): Promise<FetchedLog> {
  const newest = await fetchTail(id, undefined, signal);
  const pages = [newest.data];
  let earlier = newest.earlier;
  for (let count = newest.data.length; earlier !== null && count < LOG_LINES; ) {
    const page: LogPage = await fetchTail(id, earlier, signal);
    pages.unshift(page.data);
    count += page.data.length;
    earlier = page.earlier;
  }
  const ring = new Ring<LogLine>(LOG_LINES);
  ring.add(pages.flat());
  return { ring, headSeq: newest.head_seq, isCut: earlier !== null };
}

async function fetchTail(id: string, before: number | undefined, signal: AbortSignal): Promise<LogPage> {
  return (await listTrainingLogs({ path: { job_id: id }, query: { tail: PAGE, before }, signal })).data;
}
