import type { JobOut } from "@/lib/api/generated/types.gen";

/** The engine, as recipes name it that pull into it or deploy to it. */
export const ENGINE = "ollama";
/** How many of the jobs that change what it has are looked at. */
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
