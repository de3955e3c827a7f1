import { infiniteQueryOptions, queryOptions, type InfiniteData } from "@tanstack/react-query";

import { getTrainingFiles, getTrainingJob, listTrainingJobs, listWaitingJobs } from "@/lib/api/generated/sdk.gen";
import type { JobDetail, JobOut, PageJobOut } from "@/lib/api/generated/types.gen";
import { pagesOf } from "@/lib/api/look-again";
import { sharedAfter } from "@/lib/api/sharing";
import { reconcile } from "@/lib/live/reducer";

import { type JobFilters, jobKeys } from "./keys";

export const LIST_EVERY_MS = 10_000;

export type JobPages = InfiniteData<PageJobOut, string | null>;

/** Jobs, newest first, page by page. */
export function jobListOptions(filters: JobFilters = {}, limit = 50) {
  return infiniteQueryOptions({
    queryKey: jobKeys.list(filters, limit),
    queryFn: pagesOf(limit, async (after, size, signal): Promise<PageJobOut> => {
      const { data } = await listTrainingJobs({ query: { ...filters, limit: size, after }, signal, throwOnError: true });
      return data;
    }),
    initialPageParam: null as string | null,
    getNextPageParam: (page: PageJobOut) => page.next,
    structuralSharing: sharedAfter(reconcilePages),
    refetchOnWindowFocus: false,
  });
}

/** The jobs that wait for a worker, in the order in which they are taken: `length` of them, the first by id. */
export function queueOptions() {
  return queryOptions({
    queryKey: jobKeys.queue,
    queryFn: async ({ signal }) => (await listWaitingJobs({ signal, throwOnError: true })).data,
    refetchInterval: LIST_EVERY_MS,
  });
}

/** One job with its chain, artifacts and reports. */
export function jobDetailOptions(id: string) {
  return queryOptions({
    queryKey: jobKeys.detail(id),
    queryFn: async ({ signal }) => (await getTrainingJob({ path: { job_id: id }, signal })).data,
    structuralSharing: sharedAfter<JobDetail>(reconcile),
  });
}

/** What deleting a job would free, and who needs it. */
export function jobFilesOptions(id: string) {
  return queryOptions({
    queryKey: jobKeys.files(id),
    queryFn: async ({ signal }) => (await getTrainingFiles({ path: { job_id: id }, signal })).data,
  });
}

/** Pages that were fetched, but with rows of the cache that events have brought further. */
export function reconcilePages(cached: JobPages | undefined, fetched: JobPages): JobPages {
  if (!cached) return fetched;
  const known = new Map(jobsOf(cached).map((job) => [job.id, job]));
  return {
    ...fetched,
    pages: fetched.pages.map((page) => ({
      ...page,
      data: page.data.map((job) => reconcile(known.get(job.id), job)),
    })),
  };
}

/** The rows of all pages, each job once: a new job pushes the last row of a page onto the next. */
export function jobsOf(pages: { pages: PageJobOut[] } | undefined): JobOut[] {
  const jobs = new Map<string, JobOut>();
  for (const job of pages?.pages.flatMap((page) => page.data) ?? []) if (!jobs.has(job.id)) jobs.set(job.id, job);
  return [...jobs.values()];
}
