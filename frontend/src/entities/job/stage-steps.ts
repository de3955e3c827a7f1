import type { DeploymentOut, JobDetail, JobState, ProgressOut } from "@/lib/api/generated/types.gen";

export type StepName = "import" | "pull" | "train" | "export" | "register" | "gates" | "other";

/** What a step does, where its name alone would say it wrong. */
export type StepWork = Exclude<StepName, "other"> | "exportMerged" | "registerOllama" | "gatesOllama";

/** One box of the strip over the page. */
export interface Step {
  name: StepName;
  work: StepWork | null;
  jobId: string;
  recipe: string;
  state: JobState;
  progress: ProgressOut | null;
}

const NAMES: Readonly<Record<string, Exclude<StepName, "other">>> = {
  import_base_model: "import",
  pull_ollama_model: "pull",
  text_lora: "train",
  export_gguf: "export",
};

/** The steps of a chain. The last job both registers the model and judges it: two steps for a person. */
export function stepsOf(jobs: readonly JobDetail[], deployment: DeploymentOut | null): Step[] {
  return jobs.flatMap((job) => {
    if (job.recipe === "deploy_ollama") return ollamaSteps(job);
    return job.recipe === "deploy_llama_cpp" ? llamaSteps(job, deployment !== null) : [plainStep(job)];
  });
}

function plainStep({ id, recipe, state, progress, config }: JobDetail): Step {
  const name = NAMES[recipe] ?? "other";
  const isMerged = name === "export" && config["target"] === "merged";
  return { name, work: isMerged ? "exportMerged" : name === "other" ? null : name, jobId: id, recipe, state, progress };
}

/** The deployment is there as soon as the server serves it. */
function llamaSteps(job: JobDetail, isServed: boolean): Step[] {
  const { state, progress } = job;
  const isRegistered = isServed || progress?.stage === "gates" || state === "completed";
  return [
    { ...plainStep(job), name: "register", work: "register", progress: null, state: isRegistered ? "completed" : state },
    { ...plainStep(job), name: "gates", work: "gates", state: isRegistered ? state : laterState(state) },
  ];
}

/** A cure registers anew, so what was done may come again; files are sent before. */
function ollamaSteps(job: JobDetail): Step[] {
  const { state, progress } = job;
  const wasAsked = progress?.stage === "gates" || state === "completed" || job.reports["gates"] !== undefined;
  const isAsking = progress?.stage === "gates" || state !== "running";
  const isRegistered = wasAsked && isAsking;
  return [
    {
      ...plainStep(job),
      name: "register",
      work: "registerOllama",
      progress: isRegistered ? null : progress,
      state: isRegistered ? "completed" : state,
    },
    {
      ...plainStep(job),
      name: "gates",
      work: "gatesOllama",
      progress: isRegistered ? progress : null,
      state: isRegistered ? state : laterState(state),
    },
  ];
}

/** Of what would have come behind a step that is not done. */
function laterState(state: JobState): JobState {
  if (state === "running") return "pending";
  return state === "failed" ? "cancelled" : state;
}
