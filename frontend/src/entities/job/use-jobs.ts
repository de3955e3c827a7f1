import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import type { JobFilters } from "./keys";
import { jobListOptions, jobsOf } from "./queries";
import { useFollowJobs } from "./use-follow";

/** Jobs that match, live. `jobs` holds the pages fetched so far, newest first. Nothing is fetched until `enabled`. */
export function useJobs(filters: JobFilters = {}, limit = 50, enabled = true) {
  const query = useInfiniteQuery({ ...jobListOptions(filters, limit), placeholderData: keepPreviousData, enabled });
  const jobs = useMemo(() => jobsOf(query.data), [query.data]);
  useFollowJobs(jobs);
  return { ...query, jobs };
}
