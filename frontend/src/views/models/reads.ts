import { jobListOptions } from "@/entities/job/queries";
import { hubAccessOptions } from "@/entities/model/hub";
import { IMPORTS, MOST_IMPORTS } from "@/entities/model/imports";
import { baseModelListOptions, deploymentListOptions } from "@/entities/model/queries";
import { PULL_JOBS, MOST_PULL_JOBS } from "@/entities/ollama/pulls";
import { ollamaModelsOptions } from "@/entities/ollama/queries";
import type { Reads } from "@/lib/api/reads";

export const modelsReads: Reads = (client) => [
  client.infiniteQuery(baseModelListOptions()),
  client.infiniteQuery(deploymentListOptions()),
  client.infiniteQuery(jobListOptions(IMPORTS, MOST_IMPORTS)),
  client.query(hubAccessOptions()),
  client.query(ollamaModelsOptions()),
  client.infiniteQuery(jobListOptions(PULL_JOBS, MOST_PULL_JOBS)),
];
