import type { JobDetail, RunClock } from "../api/generated/types.gen";
import type { JobEvent } from "./messages";

/** A running job with nothing done, for tests. */
export function sampleJob(changes: Partial<JobDetail> = {}): JobDetail {
  return {
    id: "job_1a1fdbc75dec76fc33b",
    name: "sample",
    recipe: "sample",
    state: "queued",
    desired: "run",
    config: {},
    inputs: { dataset_id: null, base_model: null, training_job_id: null, export_job_id: null, base_export_job_id: null },
    device: "auto",
    threads: null,
    priority: 0,
    attempt: 1,
    epoch: 1,
    head_seq: 0,
    progress: null,
    latest_metrics: {},
    failure: null,
    forecast: null,
    resumes_job_id: null,
    group_id: "grp_1",
    metadata: {},
  tags: [],
  note: "",
    created_at: "2026-11-21T03:00:00Z",
    started_at: null,
    finished_at: null,
    next_run_at: null,
    depends_on: [],
    stages: [],
    artifacts: [],
    reports: {},
    evaluation_id: null,
    ...changes,
  };
}

/** An event of the sample job, for tests. */
export function sampleEvent(seq: number, body: JobEvent["body"], epoch = 1): JobEvent {
  return { job_id: "job_1a1fdbc75dec76fc33b", seq, epoch, at: "2026-11-21T03:04:05Z", body };
}

/** The clock of a job that has not run, for tests. */
export const NO_CLOCK: RunClock = { steps: [], seconds: [], at: null, at_s: 0, waited_s: 0 };
