import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import type { Chain } from "@/entities/job/chain";
import { jobDetailOptions } from "@/entities/job/queries";
import { useDeployments } from "@/entities/model/queries";
import type { DeploymentOut, JobDetail } from "@/lib/api/generated/types.gen";

/** The jobs of a chain in their order, as the cache holds them; `useJob` keeps them live. */
export function useChainJobs(job: JobDetail): JobDetail[] {
  const others = useQueries({
    queries: job.stages.filter((stage) => stage.id !== job.id).map((stage) => jobDetailOptions(stage.id)),
    combine: (results) => results.flatMap(({ data }) => data ?? []),
  });
  const order = new Map(job.stages.map((stage, place) => [stage.id, place]));
  return [job, ...others].sort((one, other) => (order.get(one.id) ?? 0) - (order.get(other.id) ?? 0));
}

/** The chain as the actions take it: the first job, and what follows. */
export function asChain(jobs: readonly JobDetail[], job: JobDetail): Chain {
  const [first = job, ...stages] = jobs;
  return { job: first, stages };
}

/** The tuned model that a chain has put up; looked for anew whenever the chain moves on. */
export function useChainDeployment(jobs: readonly JobDetail[]): DeploymentOut | null {
  const client = useQueryClient();
  const gates = jobs.find((job) => job.recipe === "deploy_llama_cpp");
  const { deployments } = useDeployments({ job_id: gates?.id }, 1, gates !== undefined);
  const moment = jobs.map((job) => `${job.id}:${job.state}:${job.progress?.stage ?? ""}`).join(" ");
  useEffect(() => {
    void client.invalidateQueries({ queryKey: ["deployments"] });
  }, [client, moment]);
  return deployments[0] ?? null;
}
