import type { DeploymentOut, JobDetail } from "@/lib/api/generated/types.gen";
import { isFinal } from "@/lib/live/reducer";

import { formInTag, type OllamaForm } from "./forms";

const NAMESPACE = "llmlora";
const NAMELESS = "job";
const LONGEST_SLUG = 60;
const LONGEST_END = 8;
const NOT_ASCII = /[^\u0000-\u007f]/g;

/**
 * What a model is registered as when nobody names it (`default_tag` of the server). Where the job is not there yet, its id
 * stands as an ellipsis, and so does the name of a job that has none yet.
 */
export function defaultTag(jobName: string, form: OllamaForm, jobId?: string): string {
  const end = `${jobId === undefined ? "…" : jobId.slice(-LONGEST_END)}:${formInTag(form)}`;
  if (jobName.trim() === "") return `${NAMESPACE}/${end}`;
  const plain = jobName.normalize("NFKD").replace(NOT_ASCII, "").toLowerCase();
  const slug = plain.replace(/[^a-z0-9]+/g, "-").slice(0, LONGEST_SLUG).replace(/^-+|-+$/g, "");
  return `${NAMESPACE}/${slug || NAMELESS}-${end}`;
}

/** The name that the next unnamed deployment of a training gets: numbered where another one has it, or is to have it. */
export function freeTag(training: Pick<JobDetail, "id" | "name">, form: OllamaForm, jobs: readonly JobDetail[], deployments: readonly DeploymentOut[]): string {
  const used = new Set([
    ...jobs.flatMap(({ config, state }) => (typeof config["name"] === "string" && !isFinal(state) ? config["name"].toLowerCase() : [])),
    ...deployments.filter(({ state }) => state !== "rejected").map(({ name }) => name.toLowerCase()),
  ]);
  const tag = defaultTag(training.name, form, training.id);
  if (!used.has(tag)) return tag;
  let number = 2;
  while (used.has(`${tag}-${number}`)) number += 1;
  return `${tag}-${number}`;
}
