import { expect, test } from "vitest";

import { sampleJob } from "@/lib/live/samples";

import { shareOf, stepsOf } from "./stage-steps";

const train = sampleJob({ id: "job_t", state: "completed" });
const gates = { stage: "gates", done: 2, total: 5, unit: "prompts", eta_s: null };

test("a deployment is two steps: registered before it is judged", () => {
  const waiting = sampleJob({ id: "job_d", recipe: "deploy_llama_cpp", state: "running" });
  expect(stepsOf([train, waiting], null).map((step) => [step.name, step.state])).toEqual([
    ["train", "completed"],
    ["register", "running"],
    ["gates", "pending"],
  ]);
  const judged = { ...waiting, progress: gates };
  expect(stepsOf([judged], null).map((step) => [step.name, step.state])).toEqual([
    ["register", "completed"],
    ["gates", "running"],
  ]);
});

test("the share of the way is known only with a whole", () => {
  expect(shareOf(gates)).toBe(0.4);
  expect(shareOf({ ...gates, total: 0 })).toBeNull();
  expect(shareOf(null)).toBeNull();
});
