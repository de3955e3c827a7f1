import { infiniteQueryOptions, queryOptions, type InfiniteData } from "@tanstack/react-query";

import { getTrainingFiles, getTrainingJob, listTrainingJobs, listWaitingJobs, sumTrainingJobs } from "@/lib/api/generated/sdk.gen";
import type { JobDetail, ListedJobOut, PageListedJobOut } from "@/lib/api/generated/types.gen";
import { pagesOf, samePlace } from "@/lib/api/look-again";
import { sharedAfter } from "@/lib/api/sharing";
import { reconcile } from "@/lib/live/reducer";

import { type JobFilters, jobKeys } from "./keys";

export const LIST_EVERY_MS = 10_000;

export type JobPages = InfiniteData<PageListedJobOut, string | null>;

/** Jobs page by page, newest first, or as `filters.sort` says. */
export function jobListOptions(filters: JobFilters = {}, limit = 50) {
  return infiniteQueryOptions({
    queryKey: jobKeys.list(filters, limit),
    queryFn: pagesOf(limit, (after, size, signal) => fetchPage(filters, size, after, signal), filters.sort ? samePlace : undefined),
    initialPageParam: null as string | null,
    getNextPageParam: (page: PageListedJobOut) => page.next,
    structuralSharing: sharedAfter(reconcilePages),
    refetchOnWindowFocus: false,
  });
}

/** The jobs that belong to some groups, all of them. */
export function groupJobsOptions(filters: JobFilters & { group_id: string[] }) {
  const limit = 200;
  return queryOptions({
    queryKey: jobKeys.list(filters, limit),
    queryFn: async ({ signal }): Promise<JobPages> => {
      const pages: PageListedJobOut[] = [];
      let after: string | null = null;
      do {
        const page: PageListedJobOut = await fetchPage(filters, limit, after, signal);
        pages.push(page);
        after = page.next;
      } while (after !== null);
      return { pages, pageParams: pages.map((_, place) => pages[place - 1]?.next ?? null) };
    },
    structuralSharing: sharedAfter(reconcilePages),
  });
}

async function fetchPage(filters: JobFilters, limit: number, after: string | null, signal: AbortSignal): Promise<PageListedJobOut> {
  return (await listTrainingJobs({ query: { ...filters, limit, after }, signal, throwOnError: true })).data;
}

/** What the jobs of a list come to, of all its pages. */
export function jobTotalsOptions({ sort: _order, ...filters }: JobFilters) {
  return queryOptions({
    queryKey: jobKeys.totals(filters),
    queryFn: async ({ signal }) => (await sumTrainingJobs({ query: filters, signal, throwOnError: true })).data,
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
export function jobsOf(pages: { pages: PageListedJobOut[] } | undefined): ListedJobOut[] {
  const jobs = new Map<string, ListedJobOut>();
  for (const job of pages?.pages.flatMap((page) => page.data) ?? []) if (!jobs.has(job.id)) jobs.set(job.id, job);
  return [...jobs.values()];
}
