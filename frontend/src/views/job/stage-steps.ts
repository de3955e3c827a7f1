import type { DeploymentOut, JobDetail, JobState, ProgressOut } from "@/lib/api/generated/types.gen";

export type StepName = "import" | "train" | "export" | "register" | "gates" | "other";

/** One box of the strip over the page. */
export interface Step {
  name: StepName;
  jobId: string;
  recipe: string;
  state: JobState;
  progress: ProgressOut | null;
}

const NAMES: Readonly<Record<string, StepName>> = {
  import_base_model: "import",
  text_lora: "train",
  export_gguf: "export",
};

/** The steps of a chain. The last job both registers the model and judges it: two steps for a person. */
export function stepsOf(jobs: readonly JobDetail[], deployment: DeploymentOut | null): Step[] {
  return jobs.flatMap((job): Step[] => {
    const { id, recipe, state, progress } = job;
    const step = { jobId: id, recipe, state, progress };
    if (recipe !== "deploy_llama_cpp") return [{ ...step, name: NAMES[recipe] ?? "other" }];
    const isRegistered = deployment !== null || progress?.stage === "gates";
    const registering: Step = { ...step, name: "register", progress: null, state: isRegistered ? "completed" : state };
    const judging: Step = { ...step, name: "gates", state: isRegistered || state !== "running" ? state : "pending" };
    return [registering, judging];
  });
}

/** From 0 to 1; null where the end is not known. */
export function shareOf(progress: ProgressOut | null): number | null {
  return progress && progress.total > 0 ? Math.min(1, progress.done / progress.total) : null;
}
