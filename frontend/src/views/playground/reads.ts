import { deploymentListOptions } from "@/entities/model/queries";
import type { Reads } from "@/lib/api/reads";

/** How many of the newest deployments are looked through. */
export const LOOKED_THROUGH = 100;

export const playgroundReads: Reads = (client) => [client.infiniteQuery(deploymentListOptions({}, LOOKED_THROUGH))];
