import { datasetListOptions, MOST_NAMED } from "@/entities/dataset/queries";
import { jobDetailOptions, jobListOptions } from "@/entities/job/queries";
import { baseModelListOptions } from "@/entities/model/queries";
import { namesOf } from "@/entities/recipe/names";
import { recipesOptions } from "@/entities/recipe/queries";
import type { RecipeOut } from "@/lib/api/generated/types.gen";
import type { Reads } from "@/lib/api/reads";

export const MOST_RUNS = 8;
/** How many of the newest runs are offered for comparison. */
export const OFFERED = 200;

export const runsOf = (recipes: readonly RecipeOut[]) => ({ recipe: namesOf(recipes, true) });

/** The first runs of the address. */
export const chosenOf = (ids: readonly string[]) => [...new Set(ids.filter(Boolean))].slice(0, MOST_RUNS);

export const compareReads = (ids: readonly string[]): Reads => (client) => [
  client.query(recipesOptions()).then((recipes) => client.infiniteQuery(jobListOptions(runsOf(recipes), OFFERED))),
  client.infiniteQuery(datasetListOptions({}, MOST_NAMED)),
  client.infiniteQuery(baseModelListOptions()),
  ...chosenOf(ids).map((id) => client.query(jobDetailOptions(id))),
];
