import type { JobOut } from "@/lib/api/generated/types.gen";

export const PULL = "pull_ollama_model";
/** Jobs that change what Ollama has, and how many of them are looked at. */
export const PULL_JOBS = { recipe: [PULL, "deploy_ollama"] };
export const MOST_PULL_JOBS = 50;

/** The name of the model that a pull is for. */
export function pulledName(job: Pick<JobOut, "config" | "name">): string {
  const { name } = job.config;
  return typeof name === "string" ? name : job.name;
}

/** Pulls to show: of each model the newest, unless that one has done its work. */
export function shownPulls(jobs: readonly JobOut[]): JobOut[] {
  const newest = new Map<string, JobOut>();
  for (const job of jobs) {
    const known = newest.get(pulledName(job));
    if (!known || known.created_at < job.created_at) newest.set(pulledName(job), job);
  }
  return [...newest.values()].filter(({ state }) => state !== "completed");
}
