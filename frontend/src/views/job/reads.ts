import type { QueryClient } from "@tanstack/react-query";

import { datasetListOptions, datasetOptions, MOST_NAMED } from "@/entities/dataset/queries";
import { evaluationOptions } from "@/entities/evaluation/queries";
import { deployingIn } from "@/entities/job/chain";
import { jobDetailOptions } from "@/entities/job/queries";
import { baseModelOptions, deploymentListOptions } from "@/entities/model/queries";
import { bookOf, type RecipeBook } from "@/entities/recipe/book";
import { recipesOptions } from "@/entities/recipe/queries";
import type { JobDetail } from "@/lib/api/generated/types.gen";
import type { Reads } from "@/lib/api/reads";

/** The jobs that a job's page tells of beside its own: the rest of its chain, and the one that it goes on for. */
export function othersOf(job: JobDetail): string[] {
  const ids = [...job.stages.map(({ id }) => id), job.resumes_job_id ?? job.id];
  return ids.filter((id) => id !== job.id);
}

/** The id of a base model that is named by its id; null for one that is named by its reference. */
export function baseIdOf(job: JobDetail | undefined): string | null {
  const base = job?.inputs.base_model;
  return base?.startsWith("model_") ? base : null;
}

/** Whether there is something to deploy or to export. */
export function hasOutputs({ state, artifacts }: JobDetail, book: RecipeBook): boolean {
  return state === "completed" && book.targetsFor(artifacts.map(({ kind }) => kind)).length > 0;
}

/** What has been put up of a training. */
export const MOST_DEPLOYMENTS = 50;

export const jobReads = (id: string): Reads => (client) => [
  Promise.all([client.query(jobDetailOptions(id)), client.query(recipesOptions())]).then(([job, recipes]) => {
    const base = baseIdOf(job);
    return Promise.allSettled([
      chainOf(client, job),
      datasetOf(client, job),
      job.evaluation_id && client.query(evaluationOptions(job.evaluation_id)),
      base && client.query(baseModelOptions(base)),
      hasOutputs(job, bookOf(recipes)) && client.infiniteQuery(deploymentListOptions({ training_job_id: id }, MOST_DEPLOYMENTS)),
    ]);
  }),
];

async function chainOf(client: QueryClient, job: JobDetail): Promise<void> {
  const others = await Promise.all(othersOf(job).map((id) => client.query(jobDetailOptions(id))));
  const deploying = deployingIn([job, ...others], job, bookOf(await client.query(recipesOptions())));
  if (deploying) await client.infiniteQuery(deploymentListOptions({ job_id: deploying.id }, 1));
}

async function datasetOf(client: QueryClient, job: JobDetail): Promise<void> {
  const { pages } = await client.infiniteQuery(datasetListOptions({}, MOST_NAMED));
  const id = job.inputs.dataset_id;
  if (id && !pages.some((page) => page.data.some((one) => one.id === id))) await client.query(datasetOptions(id));
}
