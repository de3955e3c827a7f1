"use client";

import { useQueries } from "@tanstack/react-query";

import { jobFilesOptions } from "@/entities/job/queries";
import { useJobs } from "@/entities/job/use-jobs";
import type { JobFiles as FilesOut, JobOut } from "@/lib/api/generated/types.gen";

import { ENDED, PAGE } from "./reads";

/** A job that has ended, and what deleting it would free; null while that is not known. */
export interface JobFiles {
  job: JobOut;
  files: FilesOut | null;
}

/** Jobs that have ended, newest first, a few at a time: the files of each are asked for. */
export function useJobFiles() {
  const ended = useJobs(ENDED, PAGE);
  const files = useQueries({ queries: ended.jobs.map((job) => jobFilesOptions(job.id)), combine: filesOf });
  const rows: JobFiles[] | null = ended.data ? ended.jobs.map((job, index) => ({ job, files: files[index] ?? null })) : null;
  return {
    rows,
    hasMore: ended.hasNextPage,
    loadMore: () => void ended.fetchNextPage(),
    isLoadingMore: ended.isFetchingNextPage,
    problem: ended.error,
    retry: () => void ended.refetch(),
  };
}

function filesOf(results: readonly { data: FilesOut | undefined }[]): (FilesOut | null)[] {
  return results.map(({ data }) => data ?? null);
}
