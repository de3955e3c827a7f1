"use client";

import { useQueries } from "@tanstack/react-query";

import { jobDetailOptions } from "@/entities/job/queries";
import { useJobs } from "@/entities/job/use-jobs";
import type { JobDetail, JobOut } from "@/lib/api/generated/types.gen";

import { ENDED, PAGE } from "./reads";

/** A job that has ended and the size of its files; null while that is not known. */
export interface JobFiles {
  job: JobOut;
  bytes: number | null;
}

/** Jobs that have ended, newest first, a few at a time: the files of each are asked for. */
export function useJobFiles() {
  const ended = useJobs(ENDED, PAGE);
  const sizes = useQueries({ queries: ended.jobs.map((job) => jobDetailOptions(job.id)), combine: sizesOf });
  const rows: JobFiles[] | null = ended.data ? ended.jobs.map((job, index) => ({ job, bytes: sizes[index] ?? null })) : null;
  return {
    rows,
    hasMore: ended.hasNextPage,
    loadMore: () => void ended.fetchNextPage(),
    isLoadingMore: ended.isFetchingNextPage,
    problem: ended.error,
    retry: () => void ended.refetch(),
  };
}

function sizesOf(results: readonly { data: JobDetail | undefined }[]): (number | null)[] {
  return results.map(({ data }) => data?.artifacts.reduce((sum, artifact) => sum + artifact.size_bytes, 0) ?? null);
}
