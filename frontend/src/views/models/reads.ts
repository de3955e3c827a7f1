import { jobListOptions } from "@/entities/job/queries";
import type { JobFilters } from "@/entities/job/keys";
import { hubAccessOptions } from "@/entities/model/hub";
import { baseModelListOptions, deploymentListOptions } from "@/entities/model/queries";
import { PULL_JOBS, MOST_PULL_JOBS } from "@/entities/ollama/pulls";
import { ollamaModelsOptions } from "@/entities/ollama/queries";
import type { Reads } from "@/lib/api/reads";

/** Base models on their way. */
export const IMPORTS: JobFilters = { recipe: ["import_base_model"], state: ["pending", "queued", "running"] };

export const modelsReads: Reads = (client) => [
  client.infiniteQuery(baseModelListOptions()),
  client.infiniteQuery(deploymentListOptions()),
  client.infiniteQuery(jobListOptions(IMPORTS)),
  client.query(hubAccessOptions()),
  client.query(ollamaModelsOptions()),
  client.infiniteQuery(jobListOptions(PULL_JOBS, MOST_PULL_JOBS)),
];
