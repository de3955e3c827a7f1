import { QueryClient } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";

import type { JobDetail } from "@/lib/api/generated/types.gen";
import { sampleEvent, sampleJob } from "@/lib/live/samples";

import { applyToCache, dropJob, storeJob } from "./cache";
import { jobKeys } from "./keys";
import { type JobPages, jobsOf, reconcilePages } from "./queries";
import { withLiveStages } from "./use-job";

const job = sampleJob();
const pages = (...jobs: JobDetail[]): JobPages => ({
  pages: [{ data: jobs.map((job) => ({ ...job, extremes: {}, dataset_rows: null, base_reference: null })), next: null }],
  pageParams: [null],
});

function filled(): QueryClient {
  const client = new QueryClient();
  client.setQueryData(jobKeys.detail(job.id), job);
  client.setQueryData(jobKeys.list({}, 50), pages(job, sampleJob({ id: "job_other" })));
  return client;
}
const detailOf = (client: QueryClient) => client.getQueryData<JobDetail>(jobKeys.detail(job.id));
const rowsOf = (client: QueryClient) => jobsOf(client.getQueryData<JobPages>(jobKeys.list({}, 50)));

describe("the jobs of the cache", () => {
  it("go on in list and detail alike, and only the one", () => {
    const client = filled();
    applyToCache(client, job.id, [sampleEvent(1, { type: "state", state: "running" })]);
    expect(detailOf(client)?.state).toBe("running");
    expect(rowsOf(client).map((row) => row.state)).toEqual(["running", "queued"]);
  });

  it("are fetched again when events do not follow", () => {
    const client = filled();
    applyToCache(client, job.id, [sampleEvent(5, { type: "log", level: "info", message: "" })]);
    expect(client.getQueryState(jobKeys.detail(job.id))?.isInvalidated).toBe(true);
  });

  it("take an answer, but not what is older than events", () => {
    const client = filled();
    storeJob(client, { ...job, desired: "cancel" });
    expect(rowsOf(client)[0]?.desired).toBe("cancel");
    applyToCache(client, job.id, [sampleEvent(1, { type: "state", state: "running" })]);
    storeJob(client, { ...job, desired: "cancel" });
    expect(detailOf(client)).toMatchObject({ state: "running", desired: "cancel", head_seq: 1 });
  });

  it("forget a deleted one", () => {
    const client = filled();
    dropJob(client, job.id);
    expect(detailOf(client)).toBeUndefined();
    expect(rowsOf(client).map((row) => row.id)).toEqual(["job_other"]);
  });

  it("are not thrown back by a list that was fetched before events came", () => {
    const ahead = sampleJob({ head_seq: 9, state: "running" });
    expect(jobsOf(reconcilePages(pages(ahead), pages(job)))[0]?.state).toBe("running");
  });

  it("show their chain as it is now", () => {
    const stage = { id: "job_2", recipe: "export_gguf", state: "pending" as const, progress: null, failure: null };
    const next = sampleJob({ id: "job_2", state: "running" });
    expect(withLiveStages({ ...job, stages: [stage] }, [job, next]).stages[0]?.state).toBe("running");
  });
});
