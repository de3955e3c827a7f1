import { describe, expect, it } from "vitest";

import { type Facts, flowOf } from "./flow";

const NOTHING: Facts = { datasets: [], trainings: [], open: [], deployments: [] };
const datasets = [{ id: "ds_1", name: "faq" }];
const training = (state: Facts["trainings"][number]["state"], id = "job_1") => ({ id, name: "faq", state });
const model = (state: Facts["deployments"][number]["state"], training_job_id = "job_1") => ({
  name: `ft:${training_job_id}`,
  state,
  training_job_id,
  base_reference: "bundled:small",
});
const inputs = { dataset_id: null, base_model: null, training_job_id: "job_1", export_job_id: null, base_export_job_id: null };

describe("flowOf", () => {
  it("begins with data", () => {
    expect(flowOf(NOTHING)).toEqual({
      states: { data: "todo", train: "todo", deploy: "todo", chat: "todo" },
      next: { do: "add-data", at: "data" },
    });
  });

  it("goes from data to a training of the newest", () => {
    expect(flowOf({ ...NOTHING, datasets }).next).toEqual({ do: "start-training", at: "train", datasetId: "ds_1" });
  });

  it("watches a training that has not ended, while an older model can be used", () => {
    const { states, next } = flowOf({ ...NOTHING, datasets, trainings: [training("queued", "job_2"), training("completed")], deployments: [model("ready")] });
    expect(states).toEqual({ data: "ready", train: "active", deploy: "ready", chat: "ready" });
    expect(next).toEqual({ do: "watch", at: "train", jobId: "job_2" });
  });

  it("watches the one that runs rather than one that waits", () => {
    const trainings = [training("queued", "job_3"), training("running", "job_2"), training("failed")];
    expect(flowOf({ ...NOTHING, datasets, trainings }).next).toEqual({ do: "watch", at: "train", jobId: "job_2" });
  });

  it("shows why the newest training failed", () => {
    const { states, next } = flowOf({ ...NOTHING, datasets, trainings: [training("failed")] });
    expect(states.train).toBe("failed");
    expect(next).toEqual({ do: "see-failure", at: "train", jobId: "job_1" });
  });

  it("begins anew after a training that was stopped", () => {
    expect(flowOf({ ...NOTHING, datasets, trainings: [training("cancelled")] }).next.do).toBe("start-training");
  });

  it("has what was trained before a training that was stopped, and leads to its model", () => {
    const trainings = [training("cancelled", "job_3"), training("cancelled", "job_2"), training("completed")];
    const { states, next } = flowOf({ ...NOTHING, datasets, trainings, deployments: [model("ready")] });
    expect(states).toEqual({ data: "ready", train: "ready", deploy: "ready", chat: "ready" });
    expect(next.do).toBe("chat");
  });

  it("takes what is deployed as trained, though only stopped trainings are listed", () => {
    const { states } = flowOf({ ...NOTHING, datasets, trainings: [training("cancelled", "job_9")], deployments: [model("ready")] });
    expect(states.train).toBe("ready");
    expect(flowOf({ ...NOTHING, datasets, trainings: [training("cancelled")] }).states.train).toBe("todo");
  });

  it("watches what follows a training", () => {
    const open = [{ recipe: "export_gguf", inputs, state: "running" as const }];
    const { states, next } = flowOf({ ...NOTHING, datasets, trainings: [training("completed")], open });
    expect(states.deploy).toBe("active");
    expect(next).toEqual({ do: "watch", at: "deploy", jobId: "job_1" });
  });

  it("ends in a chat with the model of the newest training, the base beside it", () => {
    const deployments = [model("ready", "job_0"), model("ready")];
    expect(flowOf({ ...NOTHING, datasets, trainings: [training("completed")], deployments }).next).toEqual({
      do: "chat",
      at: "chat",
      model: "ft:job_1",
      base: "bundled:small",
    });
  });

  it("shows the checks that a model did not pass", () => {
    const { states, next } = flowOf({ ...NOTHING, datasets, trainings: [training("completed")], deployments: [model("rejected")] });
    expect(states.deploy).toBe("failed");
    expect(next.do).toBe("see-checks");
  });

  it("leads to a training that nothing followed", () => {
    expect(flowOf({ ...NOTHING, datasets, trainings: [training("completed")] }).next.do).toBe("see-result");
  });
});
