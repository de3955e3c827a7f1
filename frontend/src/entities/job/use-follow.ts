import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent } from "react";

import type { JobOut } from "@/lib/api/generated/types.gen";
import { isFinal } from "@/lib/live/reducer";
import { liveClient } from "@/lib/live/shared";

import { applyToCache } from "./cache";
import { jobKeys } from "./keys";

/** Keep jobs of the cache live: those among these that have not ended. */
export function useFollowJobs(jobs: readonly JobOut[]): void {
  const client = useQueryClient();
  const open = jobs.filter((job) => !isFinal(job.state)).map((job) => job.id);
  const ids = [...new Set(open)].sort().join(" ");
  const headOf = useEffectEvent((id: string) => jobs.find((job) => job.id === id)?.head_seq ?? 0);
  useEffect(() => {
    const leaves = ids.split(" ").filter(Boolean).map((id) =>
      liveClient().follow(id, headOf(id), {
        onEvents: ({ events }) => applyToCache(client, id, events),
        onProblem: () => void client.invalidateQueries({ queryKey: jobKeys.detail(id) }),
      }),
    );
    return () => leaves.forEach((leave) => leave());
  }, [client, ids]);
}
