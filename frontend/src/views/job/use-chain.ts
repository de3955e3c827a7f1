import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { type Chain, deployingIn } from "@/entities/job/chain";
import { jobDetailOptions } from "@/entities/job/queries";
import { useDatasetNaming } from "@/entities/job/use-job-names";
import { deploymentsKey, useBaseModel, useDeployments } from "@/entities/model/queries";
import { useRecipes, useRecipeBook } from "@/entities/recipe/queries";
import type { DeploymentOut, JobDetail } from "@/lib/api/generated/types.gen";
import { isFinal } from "@/lib/live/reducer";

import { baseIdOf, othersOf } from "./reads";

/** What the page of a job tells beside the job itself. */
export interface ChainFacts {
  /** The jobs of the chain in their order, as the cache holds them; `useJob` keeps them live. */
  jobs: JobDetail[];
  /** The tuned model that the chain has put up. */
  deployment: DeploymentOut | null;
  /** Nothing is awaited any more: what is drawn now need not make room for more. */
  isComplete: boolean;
}

export function useChain(job: JobDetail | undefined): ChainFacts {
  const found = useQueries({
    queries: (job ? othersOf(job) : []).map(jobDetailOptions),
    combine: (results) => ({ jobs: results.flatMap(({ data }) => data ?? []), isPending: results.some((one) => one.isPending) }),
  });
  const naming = useDatasetNaming([job?.inputs.dataset_id]);
  const base = baseIdOf(job);
  const named = useBaseModel(base);
  const jobs = job ? inOrder(job, found.jobs) : [];
  const book = useRecipeBook();
  const recipes = useRecipes();
  const gates = job && deployingIn(jobs, job, book);
  const { deployments, isPending } = useDeployments({ job_id: gates?.id }, 1, gates !== undefined);
  // One that was deployed again belongs to the job that did so, and still came of this training.
  const training = gates?.inputs.training_job_id ?? undefined;
  const isElsewhere = !isPending && deployments.length === 0 && isFinal(gates?.state ?? "pending");
  const again = useDeployments({ training_job_id: training }, 1, isElsewhere && training !== undefined);
  useFreshDeployments(jobs);
  return {
    jobs,
    deployment: deployments[0] ?? again.deployments[0] ?? null,
    isComplete: !found.isPending && !recipes.isPending && !naming.isPending && !(base && named.isPending) && !(gates && isPending),
  };
}

function inOrder(job: JobDetail, others: readonly JobDetail[]): JobDetail[] {
  const places = new Map(job.stages.map((stage, place) => [stage.id, place]));
  const placeOf = ({ id }: JobDetail) => places.get(id) ?? 0;
  return [job, ...others.filter(({ id }) => places.has(id))].sort((one, other) => placeOf(one) - placeOf(other));
}

/** Deployments are looked for anew whenever the chain moves on. */
function useFreshDeployments(jobs: readonly JobDetail[]): void {
  const client = useQueryClient();
  const moment = jobs.map((job) => `${job.id}:${job.state}:${job.progress?.stage ?? ""}`).join(" ");
  const seen = useRef(moment);
  useEffect(() => {
    if (seen.current === moment) return;
    seen.current = moment;
    void client.invalidateQueries({ queryKey: deploymentsKey });
  }, [client, moment]);
}

/** The chain as the actions take it: the first job, and what follows. */
export function asChain(jobs: readonly JobDetail[], job: JobDetail): Chain {
  const [first = job, ...stages] = jobs;
  return { job: first, stages };
}
