import { expect, test } from "vitest";

import { apply } from "@/lib/live/reducer";
import { BOOK, FIRST_DEPLOYMENT, TRAINING } from "@/entities/recipe/samples";
import { sampleEvent, sampleJob } from "@/lib/live/samples";
import { shareOf as partOf } from "@/lib/share";

import { goesOn } from "./chain";
import { isCounting, leftOf, shareOf, shareOfWork } from "./progress";

const running = (done: number, total: number, more: { stage?: string; eta_s?: number | null } = {}) =>
  sampleJob({ recipe: TRAINING.name, state: "running", progress: { stage: "train", done, total, unit: "steps", eta_s: null, ...more } });

test("nothing that goes on is ever whole, nor rounded up to it", () => {
  for (const total of [2, 3, 7, 99, 101, 1500]) {
    for (let done = 0; done <= total; done += 1) {
      const share = shareOf(running(done, total));
      if (share === null) expect(done).toBe(total);
      else expect(share).toBeLessThanOrEqual(0.99);
    }
  }
  expect(shareOf(running(996, 1000))).toBe(0.99);
  expect(shareOf(running(29, 100))).toBe(0.29);
  expect(partOf(4_999_999_999, 5_000_000_000)).toBe(0.99);
});

test("what has no end that is known has no share", () => {
  const one = running(0, 1);
  const none = running(0, 0);
  const over = running(8, 8);
  const begun = sampleJob({ state: "running" });
  for (const job of [one, none, over, begun]) {
    expect([isCounting(job), shareOf(job), leftOf(job)]).toEqual([false, null, null]);
  }
  expect(partOf(0, 0)).toBeNull();
  expect(partOf(-5, 10)).toBe(0);
});

test("what waits, or has ended, is not under way", () => {
  for (const state of ["pending", "queued", "completed", "failed", "cancelled"] as const) {
    expect(shareOf({ ...running(3, 8), state })).toBeNull();
    expect(leftOf({ ...running(3, 8, { eta_s: 12 }), state })).toBeNull();
  }
});

test("the share of a job is that of its work, not of what it prepares", () => {
  expect(shareOfWork(running(20, 40), BOOK)).toBe(0.5);
  expect(shareOfWork(running(20, 40, { stage: "tokenize" }), BOOK)).toBeNull();
  expect(shareOf(running(20, 40, { stage: "tokenize" }))).toBe(0.5);
});

test("what is left is told only where it can be known", () => {
  expect(leftOf(running(1, 8, { eta_s: 12 }))).toBe(12);
  for (const eta_s of [null, 0, -3, Number.NaN, Number.POSITIVE_INFINITY]) expect(leftOf(running(1, 8, { eta_s }))).toBeNull();
  expect(leftOf(running(8, 8, { eta_s: 3 }))).toBeNull();
});

test("a run that begins anew is not where the one before it was", () => {
  const again = apply(running(40, 60), [sampleEvent(1, { type: "state", state: "running", reason: null, failure: null }, 2)]);
  expect(again.progress).toBeNull();
});

test("a training that has ended goes on while anything follows it", () => {
  const job = sampleJob({ state: "completed", inputs: { ...sampleJob().inputs, dataset_id: "ds_1" } });
  const stage = (state: "running" | "pending" | "completed" | "failed") => sampleJob({ id: `job_${state}`, recipe: FIRST_DEPLOYMENT.name, state });
  expect(goesOn({ job, stages: [stage("completed"), stage("pending")] }, BOOK)).toBe(true);
  expect(goesOn({ job, stages: [stage("running")] }, BOOK)).toBe(true);
  expect(goesOn({ job, stages: [stage("completed"), stage("failed")] }, BOOK)).toBe(false);
  expect(goesOn({ job: { ...job, state: "failed" }, stages: [stage("pending")] }, BOOK)).toBe(false);
});
