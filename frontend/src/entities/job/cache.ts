import type { QueryClient } from "@tanstack/react-query";

import type { JobDetail, JobOut, ListedJobOut } from "@/lib/api/generated/types.gen";
import type { JobEvent } from "@/lib/live/messages";
import { lookAgain } from "@/lib/api/look-again";
import { apply } from "@/lib/live/reducer";

import { jobKeys } from "./keys";
import type { JobPages } from "./queries";

/** Bring a job forward wherever the cache holds it, and fetch what events do not tell. */
export function applyToCache(client: QueryClient, jobId: string, events: readonly JobEvent[]): void {
  let isBehind = false;
  const last = events[events.length - 1]?.seq ?? 0;
  const forward = <Job extends JobOut>(job: Job): Job => {
    const next = apply(job, events);
    if (next.head_seq < last) isBehind = true;
    return next;
  };
  client.setQueryData<JobDetail>(jobKeys.detail(jobId), (job) => job && forward(job));
  changeRow(client, jobId, forward);
  const types = new Set(events.map((event) => event.body.type));
  const hasFiles = types.has("artifact") || types.has("checkpoint");
  if (isBehind || hasFiles || types.has("state")) {
    void client.invalidateQueries({ queryKey: jobKeys.detail(jobId) });
  }
  if (isBehind || types.has("state")) refreshLists(client);
}

/** Look at the lists of jobs and at the line of those that wait again, without every page that was loaded. */
export function refreshLists(client: QueryClient): void {
  void lookAgain(client, jobKeys.lists);
  void client.invalidateQueries({ queryKey: jobKeys.allTotals });
  void client.invalidateQueries({ queryKey: jobKeys.queue });
}

/** Put what a request answered into every list that holds the job. */
export function storeJob(client: QueryClient, answered: JobOut): void {
  const newer = <Job extends JobOut>(job: Job): Job =>
    job.head_seq > answered.head_seq ? { ...job, desired: answered.desired } : { ...job, ...fieldsOf(answered, job) };
  client.setQueryData<JobDetail>(jobKeys.detail(answered.id), (job) => job && newer(job));
  changeRow(client, answered.id, newer);
}

/** Forget a job that was deleted. */
export function dropJob(client: QueryClient, jobId: string): void {
  client.removeQueries({ queryKey: jobKeys.detail(jobId) });
  client.setQueriesData<JobPages>({ queryKey: jobKeys.lists }, (pages) =>
    pages && mapRows(pages, (rows) => rows.filter((job) => job.id !== jobId)),
  );
}

function changeRow(client: QueryClient, jobId: string, change: <Job extends JobOut>(job: Job) => Job): void {
  client.setQueriesData<JobPages>({ queryKey: jobKeys.lists }, (pages) =>
    pages && mapRows(pages, (rows) => rows.map((job) => (job.id === jobId ? change(job) : job))),
  );
}

function mapRows(pages: JobPages, change: (rows: ListedJobOut[]) => ListedJobOut[]): JobPages {
  return { ...pages, pages: pages.pages.map((page) => ({ ...page, data: change(page.data) })) };
}

/** The fields of an answer that the cached row has too. */
function fieldsOf<Job extends JobOut>(answered: JobOut, job: Job): Partial<Job> {
  return Object.fromEntries(Object.entries(answered).filter(([key]) => key in job)) as Partial<Job>;
}
