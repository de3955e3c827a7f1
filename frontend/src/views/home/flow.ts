import type { DatasetOut, DeploymentOut, JobOut } from "@/lib/api/generated/types.gen";
import { isFinal } from "@/lib/live/reducer";

/** What the flow is drawn from, each newest first. */
export interface Facts {
  datasets: readonly Pick<DatasetOut, "id" | "name">[];
  /** Trainings only, not the jobs behind them. */
  trainings: readonly Pick<JobOut, "id" | "name" | "state">[];
  /** Jobs that have not ended, of every recipe. */
  open: readonly Pick<JobOut, "recipe" | "inputs" | "state">[];
  deployments: readonly Pick<DeploymentOut, "name" | "state" | "training_job_id" | "base_reference">[];
}

export const STEPS = ["data", "train", "deploy", "chat"] as const;
export type StepName = (typeof STEPS)[number];

/** `active`: goes on by itself. `ready`: can be used. */
export type StepState = "todo" | "active" | "ready" | "failed";

export type NextAction =
  | { do: "add-data"; at: "data" }
  | { do: "start-training"; at: "train"; datasetId: string }
  | { do: "watch"; at: "train" | "deploy"; jobId: string }
  | { do: "see-failure"; at: "train"; jobId: string }
  | { do: "see-checks"; at: "deploy"; jobId: string }
  | { do: "see-result"; at: "deploy"; jobId: string }
  | { do: "chat"; at: "chat"; model: string; base: string | null };

export interface Flow {
  states: Record<StepName, StepState>;
  next: NextAction;
}

/** The four steps by what is there, and the one next action. The training that runs decides, else the newest. */
export function flowOf(facts: Facts): Flow {
  const ready = facts.deployments.find((one) => one.state === "ready");
  return {
    states: {
      data: facts.datasets.length > 0 ? "ready" : "todo",
      train: trainState(facts),
      deploy: deployState(facts),
      chat: ready ? "ready" : "todo",
    },
    next: nextOf(facts),
  };
}

/** The training that the flow is about: the one that runs, else the newest. */
export function currentOf<Training extends Facts["trainings"][number]>(trainings: readonly Training[]): Training | undefined {
  return trainings.find((one) => one.state === "running") ?? trainings[0];
}

function nextOf(facts: Facts): NextAction {
  const newest = currentOf(facts.trainings);
  const ready = facts.deployments.find((one) => one.state === "ready");
  if (newest && !isFinal(newest.state)) return { do: "watch", at: "train", jobId: newest.id };
  if (newest?.state === "failed") return { do: "see-failure", at: "train", jobId: newest.id };
  if (newest?.state === "completed") {
    const served = facts.deployments.find((one) => one.training_job_id === newest.id);
    if (served?.state === "ready") return chatWith(served);
    if (isBeingDeployed(facts)) return { do: "watch", at: "deploy", jobId: newest.id };
    if (served?.state === "rejected") return { do: "see-checks", at: "deploy", jobId: newest.id };
    return ready ? chatWith(ready) : { do: "see-result", at: "deploy", jobId: newest.id };
  }
  if (ready) return chatWith(ready);
  const dataset = facts.datasets[0];
  return dataset ? { do: "start-training", at: "train", datasetId: dataset.id } : { do: "add-data", at: "data" };
}

function chatWith(model: Facts["deployments"][number]): NextAction {
  return { do: "chat", at: "chat", model: model.name, base: model.base_reference };
}

/** The training whose end tells how the step stands: one that was stopped takes nothing from what was trained before. */
export function tellingOf<Training extends Facts["trainings"][number]>(trainings: readonly Training[]): Training | undefined {
  const newest = currentOf(trainings);
  return newest?.state === "cancelled" ? trainings.find(({ state }) => state === "completed") : newest;
}

function trainState({ trainings, deployments }: Facts): StepState {
  const telling = tellingOf(trainings);
  // What is deployed was trained, be it longer ago than the trainings that are listed.
  if (!telling) return deployments.some((one) => one.training_job_id !== null) ? "ready" : "todo";
  if (!isFinal(telling.state)) return "active";
  return telling.state === "completed" ? "ready" : "failed";
}

function deployState(facts: Facts): StepState {
  const newest = facts.deployments[0];
  if (isBeingDeployed(facts) || newest?.state === "checking") return "active";
  if (!newest) return "todo";
  return newest.state === "ready" ? "ready" : "failed";
}

/** Whether what follows the newest training is at work; before the training has ended it only waits. */
function isBeingDeployed({ trainings, open }: Facts): boolean {
  const newest = currentOf(trainings);
  if (newest?.state !== "completed") return false;
  return open.some(({ recipe, inputs }) => recipe.startsWith("deploy_") || inputs.training_job_id === newest.id);
}
