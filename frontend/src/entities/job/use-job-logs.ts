import { useEffect, useEffectEvent, useState } from "react";

import { listTrainingLogs } from "@/lib/api/generated/sdk.gen";
import type { LogLine } from "@/lib/api/generated/types.gen";
import { logLines, Ring, type Sample, samples } from "@/lib/live/ring";
import { liveClient } from "@/lib/live/shared";

import { jobKeys } from "./keys";
import { type TailSource, useTail } from "./use-tail";

const SAMPLES = 300;
const NO_SAMPLES: readonly Sample[] = [];

const LOG: TailSource<LogLine> = {
  key: jobKeys.logs,
  fetchPage: async (id, before, limit, signal) => {
    const { data } = await listTrainingLogs({ path: { job_id: id }, query: { tail: limit, before }, signal, throwOnError: true });
    return { items: data.data, earlier: data.earlier, headSeq: data.head_seq };
  },
  take: logLines,
  first: 300,
  more: 1000,
  most: 10_000,
};

/** The last log lines of a job, live; older ones when they are asked for. */
export function useJobLogs(id: string, isLive: boolean) {
  const { items, ...tail } = useTail(id, isLive, LOG);
  return { ...tail, lines: items };
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
