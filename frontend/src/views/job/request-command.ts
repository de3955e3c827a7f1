import type { JobCreate, JobDetail } from "@/lib/api/generated/types.gen";

/** The request that makes this very job again. */
export function requestOf(job: JobDetail): JobCreate {
  const { dataset_id, base_model, training_job_id, export_job_id, base_export_job_id } = job.inputs;
  const given = { dataset_id, base_model, training_job_id, export_job_id, base_export_job_id };
  return {
    recipe: job.recipe,
    name: job.name,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value)),
    config: job.config,
    device: job.device as JobCreate["device"],
    ...(job.threads === null ? {} : { threads: job.threads }),
    ...(job.priority === 0 ? {} : { priority: job.priority }),
  };
}

/** A command line for the API that starts the same job. */
export function curlOf(job: JobDetail, apiUrl: string): string {
  return [
    `curl -sS -X POST ${apiUrl}/api/training/jobs`,
    "-H 'Content-Type: application/json'",
    `--data-raw '${JSON.stringify(requestOf(job), null, 2).replaceAll("'", String.raw`'\''`)}'`,
  ].join(" \\\n  ");
}
