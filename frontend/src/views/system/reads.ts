import { jobFilesOptions, jobListOptions, jobsOf } from "@/entities/job/queries";
import { recipesOptions } from "@/entities/recipe/queries";
import { doctorOptions } from "@/entities/system/queries";
import type { JobOut } from "@/lib/api/generated/types.gen";
import { ifKnown, type Reads } from "@/lib/api/reads";

export const ENDED = { state: ["completed", "failed", "cancelled"] as JobOut["state"][] };
export const PAGE = 8;

export const systemReads: Reads = (client) => [
  client.query(recipesOptions()),
  ifKnown(client.query(doctorOptions())),
  client
    .infiniteQuery(jobListOptions(ENDED, PAGE))
    .then((ended) => Promise.allSettled(jobsOf(ended).map(({ id }) => client.query(jobFilesOptions(id))))),
];
