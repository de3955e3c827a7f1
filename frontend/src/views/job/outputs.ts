import type { RecipeBook } from "@/entities/recipe/book";
import { FILE_KINDS, fileParts, formFor, isFileKind, partsOf } from "@/entities/target/registry";
import type { ArtifactOut, DeploymentOut, DeployRequest, JobCreate, JobDetail } from "@/lib/api/generated/types.gen";
import { isFinal } from "@/lib/live/reducer";

/** What can be made of a finished training: a deployment to a target, by its name, or a file, by its kind. */
export interface Output {
  way: string;
  /** Of a deployment the form that its target knows, of a file what it holds and its number format. */
  format: string;
}

export type Standing = "made" | "making";

/** One line of the card. */
export type Row = { key: string } & (
  | { kind: "adapter"; file: ArtifactOut }
  | { kind: "file"; file: ArtifactOut; output: Output }
  | { kind: "deployment"; deployment: DeploymentOut }
  | { kind: "work" | "failure"; job: JobDetail; output: Output }
);

/** What a job of the chain makes of the training; null for the training itself and for what serves another end. */
export function outputOf(job: JobDetail, training: JobDetail, jobs: readonly JobDetail[], book: RecipeBook): Output | null {
  if (job.inputs.training_job_id !== training.id) return null;
  const target = book.targetOf(job.recipe);
  const kind = FILE_KINDS.find((one) => book.makes(job.recipe, one));
  if (kind) return { way: kind, format: fileParts(kind).formatOf(job.config) };
  return target && { way: target.name, format: partsOf(target.name).formOfJob(job, jobs) };
}

/** What is there or on its way, by `nameOf`: it is shown, not offered again. */
export function standings(training: JobDetail, jobs: readonly JobDetail[], deployments: readonly DeploymentOut[], book: RecipeBook): ReadonlyMap<string, Standing> {
  const found = new Map<string, Standing>();
  for (const job of jobs) {
    const output = outputOf(job, training, jobs, book);
    if (!output) continue;
    const deployment = deployments.find((one) => one.job_id === job.id);
    const isMade = isFileKind(output.way) ? fileOf(job, output) !== undefined : deployment !== undefined && deployment.state !== "rejected";
    if (!isFinal(job.state)) found.set(nameOf(output), "making");
    else if (isMade) found.set(nameOf(output), "made");
  }
  for (const { tag, state, target } of deployments) {
    const format = tag && partsOf(target).formOfTag?.(tag);
    if (format && state !== "rejected" && state !== "checking") found.set(nameOf({ way: target, format }), "made");
  }
  return found;
}

export function nameOf({ way, format }: Output): string {
  return `${way}:${format}`;
}

/** What has become of a training: what there is, then what is being made, then what failed and was not made since. */
export function rowsOf(training: JobDetail, jobs: readonly JobDetail[], deployments: readonly DeploymentOut[], book: RecipeBook): Row[] {
  const adapter = training.artifacts.find(({ kind }) => kind === "adapter");
  const there: Row[] = adapter ? [{ key: adapter.id, kind: "adapter", file: adapter }] : [];
  const rest: Row[] = [];
  const standing = standings(training, jobs, deployments, book);
  const newest = new Map(jobs.flatMap((job) => {
    const output = outputOf(job, training, jobs, book);
    return output ? [[nameOf(output), job.id] as const] : [];
  }));
  for (const job of jobs) {
    const output = outputOf(job, training, jobs, book);
    if (!output) continue;
    const file = isFileKind(output.way) ? fileOf(job, output) : undefined;
    if (file) there.push({ key: file.id, kind: "file", file, output });
    else if (!isFinal(job.state)) rest.push({ key: job.id, kind: "work", job, output });
    else if (job.state === "failed" && newest.get(nameOf(output)) === job.id && !standing.has(nameOf(output)))
      rest.push({ key: job.id, kind: "failure", job, output });
  }
  const served = deployments.map((deployment): Row => ({ key: deployment.id, kind: "deployment", deployment }));
  return [...served.filter(({ key }) => !isAtWork(key, deployments, jobs)), ...there, ...rest];
}

/** A deployment whose job still works has its line as work. */
function isAtWork(id: string, deployments: readonly DeploymentOut[], jobs: readonly JobDetail[]): boolean {
  const jobId = deployments.find((one) => one.id === id)?.job_id;
  return jobs.some((job) => job.id === jobId && !isFinal(job.state));
}

function fileOf(job: JobDetail, { way }: Output): ArtifactOut | undefined {
  return job.state === "completed" ? job.artifacts.find(({ kind }) => kind === way) : undefined;
}

/** What is sent for it. `name`: the deployment's, or the model's where it is put up under one; empty: chosen for you. */
export function wishFor(
  training: JobDetail,
  { way, format }: Output,
  { name, replace }: { name: string; replace: boolean },
  book: RecipeBook,
): { deploy: DeployRequest } | { create: JobCreate } {
  const given = name.trim();
  if (isFileKind(way)) {
    return { create: { recipe: book.making(way)?.name, name: training.name, training_job_id: training.id, config: fileParts(way).configOf(format) } };
  }
  const named = book.target(way)?.has_tags ? { tag: given, ...(replace && { replace }) } : { name: given };
  return { deploy: { target: way as DeployRequest["target"], ...partsOf(way).asked(formFor(way, format)), ...(given && named) } };
}
