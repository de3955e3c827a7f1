import { datasetListOptions, MOST_NAMED } from "@/entities/dataset/queries";
import { jobListOptions, jobTotalsOptions, queueOptions } from "@/entities/job/queries";
import { namesOf } from "@/entities/recipe/names";
import { recipesOptions } from "@/entities/recipe/queries";
import type { Reads } from "@/lib/api/reads";

import { EVERY_TRAINING, filtersOf } from "./filters";

export const PAGE = 50;
export const FOLLOWERS_PAGE = 200;

export const trainingReads: Reads = (client) => {
  const jobs = client.query(recipesOptions()).then((recipes) =>
    Promise.all([
      client.infiniteQuery(jobListOptions(filtersOf(EVERY_TRAINING, recipes), PAGE)),
      client.infiniteQuery(jobListOptions({ recipe: namesOf(recipes, false) }, FOLLOWERS_PAGE)),
      client.query(jobTotalsOptions(filtersOf(EVERY_TRAINING, recipes))),
    ]),
  );
  return [
    jobs,
    client.query(queueOptions()),
    client.infiniteQuery(datasetListOptions({}, MOST_NAMED)),
  ];
};
