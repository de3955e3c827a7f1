import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent } from "react";

import type { JobOut } from "@/lib/api/generated/types.gen";
import { isFinal } from "@/lib/live/reducer";
import { liveClient } from "@/lib/live/shared";

import { applyToCache, refreshLists } from "./cache";
import { jobKeys } from "./keys";
import { byTurn } from "./turn";

/** More than a page shows at work at once, and so few that several lists share one socket (the API follows 200 jobs). */
export const MOST_FOLLOWED = 40;

/** Keep jobs of the cache live: those among these that have not ended, at work or next to it; lists look after the rest. */
export function useFollowJobs(jobs: readonly JobOut[]): void {
  const client = useQueryClient();
  const ids = followed(jobs).sort().join(" ");
  const headOf = useEffectEvent((id: string) => jobs.find((job) => job.id === id)?.head_seq ?? 0);
  useEffect(() => {
    const leaves = ids.split(" ").filter(Boolean).map((id) =>
      liveClient().follow(id, headOf(id), {
        onEvents: ({ events }) => applyToCache(client, id, events),
        onSkipped: () => {
          void client.invalidateQueries({ queryKey: jobKeys.detail(id) });
          refreshLists(client);
        },
        onProblem: () => void client.invalidateQueries({ queryKey: jobKeys.detail(id) }),
      }),
    );
    return () => leaves.forEach((leave) => leave());
  }, [client, ids]);
}

const NEARNESS = { running: 0, queued: 1, pending: 2 } as const;

/** The ids of those that are followed: what runs, then what waits in the order in which it is taken. */
export function followed(jobs: readonly JobOut[]): string[] {
  const rank = ({ state }: JobOut) => NEARNESS[state as keyof typeof NEARNESS];
  const open = jobs.filter((job) => !isFinal(job.state)).sort((one, other) => rank(one) - rank(other) || byTurn(one, other));
  return [...new Set(open.map((job) => job.id))].slice(0, MOST_FOLLOWED);
}
