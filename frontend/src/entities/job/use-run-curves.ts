import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { getTrainingMetrics } from "@/lib/api/generated/sdk.gen";
import { type Curves, curvesOf } from "@/lib/live/curves";
import { liveClient } from "@/lib/live/shared";

import { jobKeys } from "./keys";

export interface Run {
  id: string;
  isLive: boolean;
}

interface RunCurves {
  curves: ReadonlyMap<string, Curves>;
  /** Changes whenever a curve does. */
  version: number;
  isPending: boolean;
  /** What went wrong, by job. */
  problems: ReadonlyMap<string, Error>;
}

const LIVE_POINTS_PER_PIXEL = 4;
const NONE: ReadonlyMap<string, Curves> = new Map();

/** The curves of several runs, each growing while its job runs. */
export function useRunCurves(runs: readonly Run[], width: number): RunCurves {
  const client = useQueryClient();
  const results = useQueries({
    queries: runs.map(({ id }) => ({
      queryKey: jobKeys.metrics(id, { width }),
      queryFn: async ({ signal }: { signal: AbortSignal }) =>
        (await getTrainingMetrics({ path: { job_id: id }, query: { width }, signal })).data,
      staleTime: 60_000,
      refetchOnWindowFocus: false,
      structuralSharing: false as const,
    })),
    combine: (all) => ({
      data: all.map((one) => one.data),
      errors: all.map((one) => one.error),
      isPending: all.some((one) => one.isPending),
    }),
  });
  const [shown, setShown] = useState<{ curves: ReadonlyMap<string, Curves>; version: number }>({ curves: NONE, version: 0 });
  const key = runs.map(({ id, isLive }) => `${id}:${isLive ? 1 : 0}`).join(" ");
  const { data } = results;

  useEffect(() => {
    const live = key.split(" ").filter(Boolean).map((part) => part.split(":"));
    const curves = new Map<string, Curves>();
    const grow = () => setShown((old) => ({ curves, version: old.version + 1 }));
    const leaves = live.map(([id = "", isLive], index) => {
      const found = data[index];
      if (!found) return null;
      const one = curvesOf(found);
      curves.set(id, one);
      if (isLive !== "1") return null;
      const renew = () => void client.invalidateQueries({ queryKey: jobKeys.metrics(id, { width }) });
      return liveClient().follow(id, one.headSeq, {
        onEvents: ({ events }) => {
          if (!one.apply(events)) return;
          grow();
          if (one.grown > width * LIVE_POINTS_PER_PIXEL) renew();
        },
        onSkipped: renew,
      });
    });
    grow();
    return () => leaves.forEach((leave) => leave?.());
  }, [client, data, key, width]);

  const problems = new Map(runs.flatMap(({ id }, index) => {
    const error = results.errors[index];
    return error ? [[id, error] as const] : [];
  }));
  return { ...shown, isPending: results.isPending, problems };
}
