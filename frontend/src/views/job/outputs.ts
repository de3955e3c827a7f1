import { isDeploying } from "@/entities/job/deploying";
import { formOf, OLLAMA_FORMS, routeOf } from "@/entities/ollama/forms";
import type { ArtifactOut, DeploymentOut, DeployRequest, JobCreate, JobDetail } from "@/lib/api/generated/types.gen";
import { isFinal } from "@/lib/live/reducer";

/** What can be made of a finished training. */
export const WAYS = ["llama_cpp", "ollama", "gguf"] as const;
export type Way = (typeof WAYS)[number];

/** The files that are offered: base and adapter as one model, or the adapter alone. */
export const FILES = ["merged:f16", "merged:q8_0", "merged:q4_K_M", "adapter:f16", "adapter:q8_0"] as const;
export type FileFormat = (typeof FILES)[number];

/** Number formats of an adapter that llama.cpp puts beside its base. */
export const LLAMA_FORMATS = ["f16", "q8_0", "f32"] as const;

/** In which form it is made: of a deployment the number format or Ollama's form, of a file what it holds and its format. */
export interface Output {
  way: Way;
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
export function outputOf(job: JobDetail, training: JobDetail, jobs: readonly JobDetail[]): Output | null {
  if (job.inputs.training_job_id !== training.id) return null;
  if (job.recipe === "export_gguf") return { way: "gguf", format: `${job.config["target"]}:${job.config["outtype"]}` };
  if (job.recipe === "deploy_ollama") return { way: "ollama", format: formOf(job.config) };
  if (!isDeploying(job.recipe)) return null;
  const exported = jobs.find(({ id }) => id === job.inputs.export_job_id);
  return { way: "llama_cpp", format: String(exported?.config["outtype"] ?? "f16") };
}

/** What is there or on its way, by `nameOf`: it is shown, not offered again. */
export function standings(training: JobDetail, jobs: readonly JobDetail[], deployments: readonly DeploymentOut[]): ReadonlyMap<string, Standing> {
  const found = new Map<string, Standing>();
  for (const job of jobs) {
    const output = outputOf(job, training, jobs);
    if (!output) continue;
    const deployment = deployments.find((one) => one.job_id === job.id);
    const isMade = output.way === "gguf" ? fileOf(job) !== undefined : deployment !== undefined && deployment.state !== "rejected";
    if (!isFinal(job.state)) found.set(nameOf(output), "making");
    else if (isMade) found.set(nameOf(output), "made");
  }
  for (const { tag, state } of deployments) {
    if (tag && tag.route !== "auto" && state !== "rejected" && state !== "checking") found.set(nameOf({ way: "ollama", format: tag.route === "merged" ? tag.quantize : tag.route }), "made");
  }
  return found;
}

export function nameOf({ way, format }: Output): string {
  return `${way}:${format}`;
}

/** What has become of a training: what there is, then what is being made, then what failed and was not made since. */
export function rowsOf(training: JobDetail, jobs: readonly JobDetail[], deployments: readonly DeploymentOut[]): Row[] {
  const adapter = training.artifacts.find(({ kind }) => kind === "adapter");
  const there: Row[] = adapter ? [{ key: adapter.id, kind: "adapter", file: adapter }] : [];
  const rest: Row[] = [];
  const standing = standings(training, jobs, deployments);
  const newest = new Map(jobs.flatMap((job) => {
    const output = outputOf(job, training, jobs);
    return output ? [[nameOf(output), job.id] as const] : [];
  }));
  for (const job of jobs) {
    const output = outputOf(job, training, jobs);
    if (!output) continue;
    const file = output.way === "gguf" ? fileOf(job) : undefined;
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

function fileOf(job: JobDetail): ArtifactOut | undefined {
  return job.state === "completed" ? job.artifacts.find(({ kind }) => kind === "gguf") : undefined;
}

/** What is sent for it. `name`: the deployment's, or the model's in Ollama; empty: chosen for you. */
export function wishFor(training: JobDetail, { way, format }: Output, { name, replace }: { name: string; replace: boolean }): { deploy: DeployRequest } | { create: JobCreate } {
  const given = name.trim();
  if (way === "gguf") {
    const [target = "", outtype = ""] = format.split(":");
    return { create: { recipe: "export_gguf", name: training.name, training_job_id: training.id, config: { target, outtype } } };
  }
  if (way === "llama_cpp") return { deploy: { target: way, quantization: LLAMA_FORMATS.find((one) => one === format) ?? "f16", ...(given && { name: given }) } };
  const form = OLLAMA_FORMS.find((one) => one === format) ?? "auto";
  return { deploy: { target: way, ...routeOf(form), ...(given && { tag: given }), ...(given && replace && { replace }) } };
}
