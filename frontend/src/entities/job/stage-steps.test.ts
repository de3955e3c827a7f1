import { expect, test } from "vitest";

import { sampleJob } from "@/lib/live/samples";

import { stepsOf } from "./stage-steps";

const train = sampleJob({ id: "job_t", state: "completed" });
const gates = { stage: "gates", done: 2, total: 5, unit: "prompts", eta_s: null };

test("a deployment is two steps: registered before it is judged", () => {
  const waiting = sampleJob({ id: "job_d", recipe: "deploy_llama_cpp", state: "running" });
  expect(stepsOf([train, waiting], null).map((step) => [step.name, step.state])).toEqual([
    ["train", "completed"],
    ["register", "running"],
    ["gates", "pending"],
  ]);
  expect(stepsOf([{ ...waiting, state: "failed" }], null).map((step) => [step.name, step.state])).toEqual([
    ["register", "failed"],
    ["gates", "cancelled"],
  ]);
  const judged = { ...waiting, progress: gates };
  expect(stepsOf([judged], null).map((step) => [step.name, step.state])).toEqual([
    ["register", "completed"],
    ["gates", "running"],
  ]);
});

test("what Ollama is sent is registered before it is judged, and after a cure once more", () => {
  const job = sampleJob({ id: "job_o", recipe: "deploy_ollama", state: "running" });
  const statesAt = (stage: string, changes: Partial<typeof job> = {}) =>
    stepsOf([{ ...job, progress: { ...gates, stage }, ...changes }], null).map(({ name, state }) => [name, state]);
  expect(statesAt("upload")).toEqual([["register", "running"], ["gates", "pending"]]);
  expect(statesAt("gates")).toEqual([["register", "completed"], ["gates", "running"]]);
  expect(statesAt("register")).toEqual([["register", "running"], ["gates", "pending"]]);
  expect(statesAt("upload", { state: "failed" })).toEqual([["register", "failed"], ["gates", "cancelled"]]);
  expect(statesAt("gates", { state: "failed" })).toEqual([["register", "completed"], ["gates", "failed"]]);
  expect(statesAt("gates", { state: "completed" })).toEqual([["register", "completed"], ["gates", "completed"]]);
});

test("a merged model is said to be one", () => {
  const merging = sampleJob({ recipe: "export_gguf", config: { target: "merged" } });
  expect(stepsOf([merging, sampleJob({ recipe: "pull_ollama_model" })], null).map(({ work }) => work)).toEqual(["exportMerged", "pull"]);
});
