import { useQueries } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import { useLeaving } from "@/components/ui/undo-delete";
import { type Chain, foldChains } from "@/entities/job/chain";
import type { JobFilters } from "@/entities/job/keys";
import { groupJobsOptions, type JobPages, jobsOf } from "@/entities/job/queries";
import { useFollowJobs } from "@/entities/job/use-follow";
import { useJobs } from "@/entities/job/use-jobs";
import { namesOf } from "@/entities/recipe/names";
import { useRecipes } from "@/entities/recipe/queries";
import type { JobOut, ListedJobOut } from "@/lib/api/generated/types.gen";

import { type Choice, filtersOf, isFolded } from "./filters";
import { FOLLOWERS_PAGE, PAGE } from "./reads";

/** A row of the list. */
export type ListedChain = Chain<ListedJobOut>;

/** The rows of the list, live: jobs that match, each with what follows it, newest first or as `sort` says. */
export function useChains(choice: Choice, sort: string) {
  const recipes = useRecipes();
  const known = recipes.data ?? [];
  const isKnown = recipes.data !== undefined;
  const folded = isFolded(choice.kind, known);
  const filters: JobFilters = { ...filtersOf(choice, known), ...(sort && { sort }) };
  const list = useJobs(filters, PAGE, isKnown);
  const wanted = isKnown && folded;
  const oldest = list.jobs[list.jobs.length - 1]?.created_at;
  const newer = useFollowers(namesOf(known, false), oldest, wanted && !sort);
  const named = useGroups(namesOf(known, false), wanted && sort ? list.jobs : NONE);
  const followers = sort ? named : newer;
  const leaving = useLeaving("job");
  const chains = useMemo<ListedChain[]>(
    () => {
      const rows = folded ? foldChains(list.jobs, followers) : list.jobs.map((job) => ({ job, stages: [] }));
      return rows.filter(({ job }) => !leaving.includes(job.id));
    },
    [folded, list.jobs, followers, leaving],
  );
  return { ...list, filters, chains, problem: recipes.error ?? list.error, retry: recipes.error ? recipes.refetch : list.refetch };
}

/** The jobs that follow a training, back to the oldest row: a follower is never older than what it follows. */
function useFollowers(recipe: string[], oldest: string | undefined, enabled: boolean) {
  const { jobs, hasNextPage, isFetching, fetchNextPage } = useJobs({ recipe }, FOLLOWERS_PAGE, enabled);
  const reached = jobs[jobs.length - 1]?.created_at;
  const isMissing = enabled && oldest !== undefined && reached !== undefined && reached > oldest;
  useEffect(() => {
    if (isMissing && hasNextPage && !isFetching) void fetchNextPage();
  }, [isMissing, hasNextPage, isFetching, fetchNextPage]);
  return jobs;
}

const NONE: readonly JobOut[] = [];

/** The jobs that follow trainings which stand in another order than that of their age: asked for by their groups. */
function useGroups(recipe: string[], jobs: readonly JobOut[]): readonly JobOut[] {
  const groups = jobs.map(({ group_id }) => group_id);
  const parts = Array.from({ length: Math.ceil(groups.length / PAGE) }, (_, part) => groups.slice(part * PAGE, (part + 1) * PAGE));
  const found = useQueries({
    queries: parts.map((group_id) => groupJobsOptions({ recipe, group_id })),
    combine: allOf,
  });
  useFollowJobs(found);
  return found;
}

function allOf(results: readonly { data: JobPages | undefined }[]): JobOut[] {
  return results.flatMap(({ data }) => jobsOf(data));
}
