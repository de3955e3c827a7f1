import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import type { JobDetail, JobStage } from "@/lib/api/generated/types.gen";

import { jobDetailOptions } from "./queries";
import { useFollowJobs } from "./use-follow";

/** One job, live, and so is every stage of its chain. */
export function useJob(id: string) {
  const query = useQuery(jobDetailOptions(id));
  const others = query.data?.stages.map((stage) => stage.id).filter((stage) => stage !== id) ?? [];
  const chain = useQueries({ queries: others.map(jobDetailOptions), combine: foundOf });
  const known = useMemo(() => (query.data ? [query.data, ...chain] : chain), [query.data, chain]);
  useFollowJobs(known);
  const job = useMemo(() => query.data && withLiveStages(query.data, known), [query.data, known]);
  return { ...query, data: job };
}

function foundOf(results: readonly { data: JobDetail | undefined }[]): JobDetail[] {
  return results.flatMap(({ data }) => data ?? []);
}

/** The job with its stages as the jobs behind them are now. */
export function withLiveStages(job: JobDetail, known: readonly JobDetail[]): JobDetail {
  const stages = job.stages.map((stage): JobStage => {
    const found = known.find((other) => other.id === stage.id);
    return found ? { ...stage, state: found.state, progress: found.progress, failure: found.failure } : stage;
  });
  return { ...job, stages };
}
