import { jobListOptions } from "@/entities/job/queries";
import { deploymentListOptions } from "@/entities/model/queries";
import { namesOf } from "@/entities/recipe/names";
import { recipesOptions } from "@/entities/recipe/queries";
import type { JobOut } from "@/lib/api/generated/types.gen";
import type { Reads } from "@/lib/api/reads";

/** Apart from each other: what runs may be older than all of a long line that waits. */
export const RUNNING = { state: ["running"] as JobOut["state"][] };
export const WAITING = { state: ["queued", "pending"] as JobOut["state"][] };
/** Tuned models that answer: they may be older than many that failed since. */
export const LIVE = { state: "ready" } as const;
export const MOST_OPEN = 50;
export const NEWEST = 6;

export const homeReads: Reads = (client) => [
  client.infiniteQuery(jobListOptions(RUNNING, MOST_OPEN)),
  client.infiniteQuery(jobListOptions(WAITING, MOST_OPEN)),
  client.infiniteQuery(deploymentListOptions({}, NEWEST)),
  client.infiniteQuery(deploymentListOptions(LIVE, MOST_OPEN)),
  client.query(recipesOptions()).then((recipes) => client.infiniteQuery(jobListOptions({ recipe: namesOf(recipes, true) }, NEWEST))),
];
