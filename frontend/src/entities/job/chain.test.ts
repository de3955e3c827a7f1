import { describe, expect, it } from "vitest";

import type { ArtifactOut, JobDetail, JobOut } from "@/lib/api/generated/types.gen";
import { BOOK, EXPORT, FIRST_DEPLOYMENT, TRAINING } from "@/entities/recipe/samples";
import { sampleJob } from "@/lib/live/samples";

import { currentOf, foldChains, isOver, lastTries, openJobs, resumable } from "./chain";

const NO_INPUTS = sampleJob().inputs;
const training = sampleJob({ id: "job_t", recipe: TRAINING.name, group_id: "job_t", state: "completed" });
const exported = sampleJob({
  id: "job_e",
  recipe: EXPORT.name,
  group_id: "job_t",
  state: "failed",
  created_at: "2026-11-21T03:00:01Z",
});
const deployed = sampleJob({
  id: "job_d",
  recipe: FIRST_DEPLOYMENT.name,
  group_id: "job_t",
  state: "cancelled",
  created_at: "2026-11-21T03:00:02Z",
});
const stagesOf = (...followers: typeof exported[]) => foldChains([training], followers)[0]?.stages.map((one) => one.id);

describe("a chain", () => {
  it("holds the followers of its group, oldest first", () => {
    expect(stagesOf(deployed, exported)).toEqual(["job_e", "job_d"]);
    expect(foldChains([sampleJob({ id: "job_x", group_id: "job_x" })], [exported])[0]?.stages).toEqual([]);
  });

  it("holds what goes on for a follower, and not the follower that ended", () => {
    const inputs = { ...NO_INPUTS, training_job_id: "job_t" };
    const again = sampleJob({ ...exported, id: "job_e2", group_id: "job_e2", inputs, resumes_job_id: "job_e" });
    expect(stagesOf(exported, again)).toEqual(["job_e2"]);
  });

  it("holds the followers of its own try, where one was resumed in the same group", () => {
    const resumed = sampleJob({ ...training, id: "job_t2", resumes_job_id: "job_t", created_at: "2026-11-21T04:00:00Z" });
    const again = sampleJob({ ...deployed, id: "job_d2", created_at: "2026-11-21T04:00:02Z" });
    const named = sampleJob({ ...exported, id: "job_e2", inputs: { ...NO_INPUTS, training_job_id: "job_t2" } });
    const found = foldChains([resumed, training], [again, named, deployed, exported]);
    expect(found.map(({ stages }) => stages.map(({ id }) => id))).toEqual([["job_e2", "job_d2"], ["job_e", "job_d"]]);
  });

  it("leaves out a try that failed when the same was asked for again", () => {
    const again = sampleJob({ ...exported, id: "job_e2", state: "queued", created_at: "2026-11-21T03:00:03Z" });
    const other = sampleJob({ ...again, id: "job_e3", config: { target: "merged" }, created_at: "2026-11-21T03:00:04Z" });
    expect(lastTries([exported, deployed, again]).map(({ id }) => id)).toEqual(["job_d", "job_e2"]);
    expect(lastTries([exported, deployed, other]).map(({ id }) => id)).toEqual(["job_e", "job_d", "job_e3"]);
  });

  it("shows the job that runs, then the one that waits, then the one that failed", () => {
    expect(currentOf({ job: training, stages: [exported, deployed] }).id).toBe("job_e");
    const waiting = { ...deployed, state: "pending" as const };
    expect(currentOf({ job: training, stages: [exported, waiting] }).id).toBe("job_d");
    const running = { ...exported, state: "running" as const };
    expect(currentOf({ job: training, stages: [running, waiting] }).id).toBe("job_e");
    expect(currentOf({ job: training, stages: [] }).id).toBe("job_t");
  });

  it("goes on where it ended, once nothing of it runs", () => {
    expect(resumable({ job: training, stages: [exported, deployed] }, BOOK)?.id).toBe("job_e");
    expect(resumable({ job: training, stages: [] }, BOOK)).toBeNull();
    for (const failure_class of ["input", "diverged"] as const) {
      const failure = { failure_class, code: "nothing_to_learn", ja: "…", en: "…" };
      expect(resumable({ job: { ...training, state: "failed", failure }, stages: [] }, BOOK)).toBeNull();
    }
    expect(resumable({ job: training, stages: [exported, { ...deployed, state: "running" }] }, BOOK)).toBeNull();
  });

  it("does not go on where nothing is left: stopped before it began, or with its checkpoints thrown away", () => {
    const inputs = { ...NO_INPUTS, dataset_id: "ds_1" };
    const { artifacts: _, ...row } = { ...training, inputs, state: "cancelled" as const };
    const begun = { ...row, started_at: "2026-11-21T03:00:00Z" };
    const checkpoint = { kind: "checkpoint" } as ArtifactOut;
    const offered = (job: JobOut) => resumable({ job, stages: [] }, BOOK) !== null;
    expect([row, begun, { ...row, resumes_job_id: "job_0" }].map(offered)).toEqual([false, true, true]);
    const pages: JobDetail[] = [{ ...begun, artifacts: [] }, { ...begun, artifacts: [checkpoint] }];
    expect(pages.map(offered)).toEqual([false, true]);
    expect(offered({ ...row, recipe: EXPORT.name })).toBe(true);
  });

  it("can be stopped as far as it has not ended and is not being stopped", () => {
    const stages = [
      { ...exported, state: "running" as const, desired: "cancel" as const },
      { ...deployed, state: "pending" as const },
    ];
    expect(openJobs({ job: training, stages }).map((one) => one.id)).toEqual(["job_d"]);
    expect(isOver({ job: training, stages })).toBe(false);
    expect(isOver({ job: training, stages: [exported] })).toBe(true);
  });
});
