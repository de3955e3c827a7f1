import { jobListOptions } from "@/entities/job/queries";
import { recommendedOptions } from "@/entities/model/discovery";
import { IMPORTS, MOST_IMPORTS } from "@/entities/model/imports";
import type { Reads } from "@/lib/api/reads";

export const findModelReads: Reads = (client) => [
  client.query(recommendedOptions()),
  client.infiniteQuery(jobListOptions(IMPORTS, MOST_IMPORTS)),
];
