import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { useLookAgain } from "@/lib/api/use-look-again";
import type { JobFilters } from "./keys";
import { jobListOptions, jobsOf, LIST_EVERY_MS } from "./queries";
import { useFollowJobs } from "./use-follow";

/**
 * Jobs that match, live, and looked at again now and then: others may add jobs. `jobs` holds the pages fetched so far,
 * newest first. Nothing is fetched until `enabled`.
 */
export function useJobs(filters: JobFilters = {}, limit = 50, enabled = true) {
  const options = jobListOptions(filters, limit);
  const query = useInfiniteQuery({ ...options, placeholderData: keepPreviousData, enabled });
  useLookAgain(options.queryKey, enabled && LIST_EVERY_MS);
  const { data, isPlaceholderData } = query;
  // Those that events have brought into another state leave at once.
  const states = isPlaceholderData ? "" : (filters.state?.join(" ") ?? "");
  const jobs = useMemo(() => {
    const all = jobsOf(data);
    return states ? all.filter((job) => states.split(" ").includes(job.state)) : all;
  }, [data, states]);
  useFollowJobs(jobs);
  return { ...query, jobs };
}
