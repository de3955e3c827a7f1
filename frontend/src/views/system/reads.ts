import { jobDetailOptions, jobListOptions, jobsOf } from "@/entities/job/queries";
import { recipesOptions } from "@/entities/recipe/queries";
import type { JobOut } from "@/lib/api/generated/types.gen";
import type { Reads } from "@/lib/api/reads";

export const ENDED = { state: ["completed", "failed", "cancelled"] as JobOut["state"][] };
export const PAGE = 8;

/** Without what `doctor` finds: to examine the machine may take seconds. */
export const systemReads: Reads = (client) => [
  client.query(recipesOptions()),
  client
    .infiniteQuery(jobListOptions(ENDED, PAGE))
    .then((ended) => Promise.allSettled(jobsOf(ended).map(({ id }) => client.query(jobDetailOptions(id))))),
];
