import { datasetListOptions } from "@/entities/dataset/queries";
import { resourcesOptions, sessionOptions, systemOptions } from "@/entities/system/queries";
import type { Reads } from "@/lib/api/reads";

/** What the frame around every page shows. */
export const shellReads: Reads = (client) => [
  client.query(sessionOptions()),
  client.query(systemOptions()),
  client.query(resourcesOptions()),
  client.infiniteQuery(datasetListOptions()),
];
