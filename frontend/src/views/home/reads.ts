import { jobListOptions } from "@/entities/job/queries";
import { deploymentListOptions } from "@/entities/model/queries";
import { recipesOptions } from "@/entities/recipe/queries";
import type { JobOut } from "@/lib/api/generated/types.gen";
import type { Reads } from "@/lib/api/reads";

export const OPEN = { state: ["running", "queued", "pending"] as JobOut["state"][] };
export const TRAININGS = { recipe: ["text_lora"] };
export const MOST_OPEN = 50;
export const NEWEST = 6;

export const homeReads: Reads = (client) => [
  client.infiniteQuery(jobListOptions(OPEN, MOST_OPEN)),
  client.infiniteQuery(jobListOptions(TRAININGS, NEWEST)),
  client.infiniteQuery(deploymentListOptions({}, NEWEST)),
  client.query(recipesOptions()),
];
