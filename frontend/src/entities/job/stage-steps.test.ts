import { expect, test } from "vitest";

import { BOOK, EXPORT, FIRST_DEPLOYMENT, NAMED_DEPLOYMENT, PULL, TRAINING } from "@/entities/recipe/samples";
import type { DeploymentOut } from "@/lib/api/generated/types.gen";
import { sampleJob } from "@/lib/live/samples";

import { stepsOf } from "./stage-steps";

const train = sampleJob({ id: "job_t", recipe: TRAINING.name, state: "completed" });
const gates = { stage: "gates", done: 2, total: 5, unit: "prompts", eta_s: null };

test("a deployment is two steps: registered before it is judged", () => {
  const waiting = sampleJob({ id: "job_d", recipe: FIRST_DEPLOYMENT.name, state: "running" });
  expect(stepsOf([train, waiting], null, BOOK).map((step) => [step.name, step.state])).toEqual([
    ["train", "completed"],
    ["register", "running"],
    ["gates", "pending"],
  ]);
  expect(stepsOf([{ ...waiting, state: "failed" }], null, BOOK).map((step) => [step.name, step.state])).toEqual([
    ["register", "failed"],
    ["gates", "cancelled"],
  ]);
  const judged = { ...waiting, progress: gates };
  expect(stepsOf([judged], null, BOOK).map((step) => [step.name, step.state])).toEqual([
    ["register", "completed"],
    ["gates", "running"],
  ]);
});

test("what Ollama is sent is registered before it is judged, and after a cure once more", () => {
  const job = sampleJob({ id: "job_o", recipe: NAMED_DEPLOYMENT.name, state: "running" });
  const statesAt = (stage: string, changes: Partial<typeof job> = {}) =>
    stepsOf([{ ...job, progress: { ...gates, stage }, ...changes }], null, BOOK).map(({ name, state }) => [name, state]);
  expect(statesAt("upload")).toEqual([["register", "running"], ["gates", "pending"]]);
  expect(statesAt("gates")).toEqual([["register", "completed"], ["gates", "running"]]);
  expect(statesAt("register")).toEqual([["register", "running"], ["gates", "pending"]]);
  expect(statesAt("upload", { state: "failed" })).toEqual([["register", "failed"], ["gates", "cancelled"]]);
  expect(statesAt("gates", { state: "failed" })).toEqual([["register", "completed"], ["gates", "failed"]]);
  expect(statesAt("gates", { state: "completed" })).toEqual([["register", "completed"], ["gates", "completed"]]);
});

test("the first of two is over as soon as the model is served, where its recipe says so", () => {
  const at = (recipe: string) => {
    const job = sampleJob({ recipe, state: "running" });
    return stepsOf([job], { job_id: job.id } as DeploymentOut, BOOK).map(({ state }) => state);
  };
  expect(at(FIRST_DEPLOYMENT.name)).toEqual(["completed", "running"]);
  expect(at(NAMED_DEPLOYMENT.name)).toEqual(["running", "pending"]);
});

test("a merged model is said to be one", () => {
  const saying = (config: object) => stepsOf([sampleJob({ recipe: EXPORT.name, config: { ...config } })], null, BOOK)[0]?.does.en;
  expect(saying({ target: "merged" })).toContain("merged model");
  expect(saying({ target: "adapter" })).toContain("adapter");
  expect(stepsOf([sampleJob({ recipe: PULL.name })], null, BOOK)[0]?.does.ja).toContain("取得");
});

test("a job of a recipe that is gone is one step, by its name", () => {
  expect(stepsOf([sampleJob({ recipe: "gone", state: "failed" })], null, BOOK).map(({ title, state }) => [title.ja, state])).toEqual([["gone", "failed"]]);
});
