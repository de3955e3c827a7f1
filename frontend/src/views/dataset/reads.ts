import { datasetOptions, datasetRowsOptions } from "@/entities/dataset/queries";
import { jobListOptions } from "@/entities/job/queries";
import { baseModelListOptions } from "@/entities/model/queries";
import type { Reads } from "@/lib/api/reads";

export const PAGE_ROWS = 50;
export const MOST_JOBS = 50;

/** Without the tokens of the rows: to count them may take seconds. */
export const datasetReads = (id: string): Reads => (client) => [
  client.query(datasetOptions(id)),
  client.infiniteQuery(baseModelListOptions()),
  client.query(datasetRowsOptions(id, 0, PAGE_ROWS)),
  client.infiniteQuery(jobListOptions({ dataset_id: id }, MOST_JOBS)),
];
