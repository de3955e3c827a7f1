import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { listTrainingEvents } from "@/lib/api/generated/sdk.gen";
import type { JobEvent } from "@/lib/live/messages";
import { Ring } from "@/lib/live/ring";
import { liveClient } from "@/lib/live/shared";

const KEPT = 1000;
const FLOWING: ReadonlySet<string> = new Set(["metrics", "resources", "log", "progress"]);
const NOTABLE = ["state", "checkpoint", "artifact", "report", "failure", "finished"] as const;

/** What happened to a job, without what flows all the time: states, checkpoints, files, reports. Oldest first. */
export function useJobEvents(id: string, isLive: boolean) {
  const query = useQuery({
    queryKey: ["jobs", "events", id],
    queryFn: ({ signal }) => fetchEvents(id, signal),
    staleTime: isLive ? Number.POSITIVE_INFINITY : 60_000,
    structuralSharing: false,
  });
  const [events, setEvents] = useState<readonly JobEvent[]>([]);
  const fetched = query.data;
  useEffect(() => {
    if (!fetched) return;
    const show = () => setEvents(fetched.ring.items);
    show();
    if (!isLive) return;
    return liveClient().follow(id, fetched.head, {
      onEvents: (batch) => fetched.ring.add(notable(batch.events)) && show(),
    });
  }, [id, isLive, fetched]);
  return { ...query, events };
}

export function notable(events: readonly JobEvent[]): JobEvent[] {
  return events.filter((event) => !FLOWING.has(event.body.type));
}

async function fetchEvents(id: string, signal: AbortSignal): Promise<{ ring: Ring<JobEvent>; head: number }> {
  const query = { types: [...NOTABLE], tail: KEPT };
  const { data } = await listTrainingEvents({ path: { job_id: id }, query, signal, throwOnError: true });
  const ring = new Ring<JobEvent>(KEPT);
  ring.add(data.data);
  return { ring, head: data.head_seq };
}
