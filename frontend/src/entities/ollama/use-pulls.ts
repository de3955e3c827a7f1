import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { useJobs } from "@/entities/job/use-jobs";
import { deploymentsKey } from "@/entities/model/queries";
import { useRecipeBook } from "@/entities/recipe/queries";
import { isFinal } from "@/lib/live/reducer";

import { ENGINE, MOST_PULL_JOBS, shownPulls } from "./pulls";
import { refreshOllama } from "./queries";

/** Models on their way into Ollama, live; what it has is asked anew whenever one of them has ended. */
export function usePulls() {
  const client = useQueryClient();
  const book = useRecipeBook();
  const recipe = book.filling(ENGINE);
  const { jobs, isPending } = useJobs({ recipe }, MOST_PULL_JOBS, recipe.length > 0);
  const ended = jobs.filter(({ state }) => isFinal(state)).map(({ id }) => id).join(" ");
  const before = useRef<string | null>(null);
  const isKnown = jobs.length > 0;
  useEffect(() => {
    if (before.current !== null && before.current !== ended) {
      refreshOllama(client);
      void client.invalidateQueries({ queryKey: deploymentsKey });
    }
    if (isKnown) before.current = ended;
  }, [client, ended, isKnown]);
  return { pulls: shownPulls(jobs.filter(({ recipe }) => book.pulls(recipe, ENGINE))), isPending };
}
