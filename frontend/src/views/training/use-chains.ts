import { useEffect, useMemo } from "react";

import { type Chain, foldChains } from "@/entities/job/chain";
import { useJobs } from "@/entities/job/use-jobs";
import { namesOf } from "@/entities/recipe/names";
import { useRecipes } from "@/entities/recipe/queries";

import { type Choice, filtersOf, isFolded } from "./filters";
import { FOLLOWERS_PAGE, PAGE } from "./reads";

/** The rows of the list, live: jobs that match, each with what follows it. */
export function useChains(choice: Choice) {
  const recipes = useRecipes();
  const known = recipes.data ?? [];
  const isKnown = recipes.data !== undefined;
  const folded = isFolded(choice.kind, known);
  const list = useJobs(filtersOf(choice, known), PAGE, isKnown);
  const oldest = list.jobs[list.jobs.length - 1]?.created_at;
  const followers = useFollowers(namesOf(known, false), oldest, isKnown && folded);
  const chains = useMemo<Chain[]>(
    () => (folded ? foldChains(list.jobs, followers) : list.jobs.map((job) => ({ job, stages: [] }))),
    [folded, list.jobs, followers],
  );
  return { ...list, chains, problem: recipes.error ?? list.error, retry: recipes.error ? recipes.refetch : list.refetch };
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
