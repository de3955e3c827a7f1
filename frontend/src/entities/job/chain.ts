import type { RecipeBook } from "@/entities/recipe/book";
import type { JobOut } from "@/lib/api/generated/types.gen";
import { isFinal, type JobSnapshot } from "@/lib/live/reducer";

/** A job and the jobs that follow it to a proved answer, in their order. */
export interface Chain<Job extends JobOut = JobOut> {
  job: Job;
  stages: readonly JobOut[];
}

/**
 * Put each follower to the job it belongs to; what was resumed gives its place to what goes on for it. One that names no
 * training, as the export of a base, belongs to the newest job of its group that was there before it.
 */
export function foldChains<Job extends JobOut>(jobs: readonly Job[], followers: readonly JobOut[]): Chain<Job>[] {
  const byGroup = new Map<string, JobOut[]>();
  const byTraining = new Map<string, JobOut[]>();
  const replaced = new Set(followers.map((one) => one.resumes_job_id));
  for (const follower of followers) {
    if (replaced.has(follower.id)) continue;
    if (follower.inputs.training_job_id) put(byTraining, follower.inputs.training_job_id, follower);
    else put(byGroup, follower.group_id, follower);
  }
  return jobs.map((job) => {
    const next = jobs.filter((one) => one.group_id === job.group_id && byAge(one, job) > 0).sort(byAge)[0];
    const unnamed = (byGroup.get(job.group_id) ?? []).filter((one) => byAge(one, job) >= 0 && (!next || byAge(one, next) < 0));
    const found = new Set<JobOut>([...(byTraining.get(job.id) ?? []), ...unnamed]);
    found.delete(job);
    return { job, stages: [...found].sort(byAge) };
  });
}

/** The followers that count: without those that failed, or were cancelled, and were asked for again later. */
export function lastTries(followers: readonly JobOut[]): JobOut[] {
  const made = (one: JobOut) => madeBy(one, followers);
  const newest = new Map(followers.map((one) => [made(one), one.id]));
  return followers.filter((one) => (one.state !== "failed" && one.state !== "cancelled") || newest.get(made(one)) === one.id);
}

/** What a follower makes of its training, and of which file: two that make the same differ only in which try they are. */
function madeBy({ recipe, config, inputs }: JobOut, followers: readonly JobOut[]): string {
  const file = followers.find(({ id }) => id === inputs.export_job_id);
  return JSON.stringify([recipe, inputs.training_job_id, config, file?.config ?? null]);
}

/** The job of a chain that people wait for: the one that runs, else the next in line; without one the last that ended. */
export function currentOf({ job, stages }: Chain): JobOut {
  const all = [job, ...lastTries(stages)];
  return (
    all.find((one) => one.state === "running") ??
    all.find((one) => !isFinal(one.state)) ??
    all.find((one) => one.state === "failed") ??
    job
  );
}

/** The job of a chain that puts the tuned model up: the given one, else the one at work, the last that has ended well, or the last. */
export function deployingIn<T extends JobOut>(jobs: readonly T[], job: T, book: RecipeBook): T | undefined {
  if (book.deploys(job.recipe)) return job;
  const all = jobs.filter(({ recipe }) => book.deploys(recipe));
  return all.findLast(({ state }) => !isFinal(state)) ?? all.findLast(({ state }) => state === "completed") ?? all.at(-1);
}

/** The jobs from the training to that deployment; what else was made of the training stands among its outputs. */
export function leadingIn<T extends JobOut>(jobs: readonly T[], job: T, book: RecipeBook): T[] {
  const deploying = deployingIn(jobs, job, book);
  const needed = new Set([job.id, deploying?.id, deploying?.inputs.export_job_id, deploying?.inputs.base_export_job_id]);
  return jobs.filter(({ id, recipe }) => needed.has(id) || !book.takesTrained(recipe));
}

/** Whether a training has ended well and its way to a deployment is not over; a file that is made of it later is no part of that. */
export function goesOn({ job, stages }: Chain, book: RecipeBook): boolean {
  if (job.state !== "completed" || job.inputs.dataset_id === null) return false;
  return leadingIn([job, ...stages.filter(({ id }) => id !== job.id)], job, book).some(({ state }) => !isFinal(state));
}

/** The jobs of a chain that can still be stopped. */
export function openJobs({ job, stages }: Chain): JobOut[] {
  return [job, ...stages].filter((one) => !isFinal(one.state) && one.desired === "run");
}

/**
 * The job of a chain that can go on where it ended: the first that failed or was cancelled. Not one whose input was at
 * fault, nor one that diverged: with the same input and settings it would fail in the same way. Nor a training that left nothing to go on from.
 */
export function resumable(chain: Chain, book: RecipeBook): JobOut | null {
  const all = [chain.job, ...lastTries(chain.stages)];
  if (all.some((one) => !isFinal(one.state))) return null;
  const ended = all.find((one) => one.state === "failed" || one.state === "cancelled") ?? null;
  const repeats = ended?.failure?.failure_class === "input" || ended?.failure?.failure_class === "diverged";
  return repeats || (ended && hasNothingLeft(ended, book)) ? null : ended;
}

/** What keeps checkpoints goes on from one; all else begins again. A row does not tell of its checkpoints. */
function hasNothingLeft(job: JobSnapshot, book: RecipeBook): boolean {
  if (!book.of(job.recipe)?.resumable || job.resumes_job_id !== null) return false;
  return job.artifacts ? !job.artifacts.some(({ kind }) => kind === "checkpoint") : job.started_at === null;
}

/** Whether every job of a chain has ended, so that it can be deleted. */
export function isOver({ job, stages }: Chain): boolean {
  return [job, ...stages].every((one) => isFinal(one.state));
}

function put(groups: Map<string, JobOut[]>, key: string, job: JobOut): void {
  const group = groups.get(key);
  if (group) group.push(job);
  else groups.set(key, [job]);
}

function byAge(one: JobOut, other: JobOut): number {
  return one.created_at.localeCompare(other.created_at) || one.id.localeCompare(other.id);
}
