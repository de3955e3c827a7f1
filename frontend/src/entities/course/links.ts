import type { Route } from "next";

import type { LinkOut } from "@/lib/api/generated/types.gen";
import { ADD_DATA, chatWith, comparison, datasetPage, jobPage, newTraining } from "@/lib/routes";

/** The page where a goal is reached, with the learner's own data, training or model selected. */
export function hrefOf({ page, dataset_id, job_ids = [], model, base }: LinkOut): Route {
  const [job] = job_ids;
  if (page === "dataset" && dataset_id) return datasetPage(dataset_id);
  if (page === "new_training") return newTraining(job ? { from: job } : { dataset: dataset_id ?? undefined });
  if (page === "training" && job) return jobPage(job);
  if (page === "comparison") return comparison(job_ids);
  if (page === "chat" && model) return chatWith(model, base);
  return page === "models" ? "/models" : ADD_DATA;
}
