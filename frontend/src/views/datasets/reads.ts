import { jobListOptions } from "@/entities/job/queries";
import type { Reads } from "@/lib/api/reads";

/** How many of the newest jobs are looked at for what uses which data set. */
export const JOBS_LOOKED_AT = 200;

/** The data sets themselves are read for the frame. */
export const datasetsReads: Reads = (client) => [client.infiniteQuery(jobListOptions({}, JOBS_LOOKED_AT))];
