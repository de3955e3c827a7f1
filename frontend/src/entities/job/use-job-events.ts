import { listTrainingEvents } from "@/lib/api/generated/sdk.gen";
import type { JobEvent } from "@/lib/live/messages";

import { type TailSource, useTail } from "./use-tail";

const FLOWING: ReadonlySet<string> = new Set(["metrics", "resources", "log", "progress"]);
const NOTABLE = ["state", "checkpoint", "artifact", "report", "failure", "finished"] as const;

const EVENTS: TailSource<JobEvent> = {
  key: (id) => ["jobs", "events", id],
  fetchPage: async (id, before, limit, signal) => {
    const query = { types: [...NOTABLE], tail: limit, before };
    const { data } = await listTrainingEvents({ path: { job_id: id }, query, signal, throwOnError: true });
    return { items: data.data, earlier: data.earlier, headSeq: data.head_seq };
  },
  take: notable,
  first: 100,
  more: 500,
  most: 2000,
};

/** What happened to a job, without what flows all the time: states, checkpoints, files, reports. Oldest first. */
export function useJobEvents(id: string, isLive: boolean) {
  const { items, ...tail } = useTail(id, isLive, EVENTS);
  return { ...tail, events: items };
}

export function notable(events: readonly JobEvent[]): JobEvent[] {
  return events.filter((event) => !FLOWING.has(event.body.type));
}
