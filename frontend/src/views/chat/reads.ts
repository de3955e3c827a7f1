import type { QueryClient } from "@tanstack/react-query";

import { chooseModels } from "@/entities/chat/choose";
import { chatModelsOptions, chatSessionOptions, chatSessionsOptions } from "@/entities/chat/queries";
import { datasetRowsOptions } from "@/entities/dataset/queries";
import { jobDetailOptions } from "@/entities/job/queries";
import { answering, deploymentsOfName } from "@/entities/model/queries";
import { recipesOptions } from "@/entities/recipe/queries";
import type { Reads } from "@/lib/api/reads";

/** How many rows the first questions are looked for in. */
export const ROWS = 12;

interface Address {
  session: string | null;
  model: string | null;
  base: string | null;
}

export const chatReads = (address: Address): Reads => (client) => [
  firstPrompts(client, address),
  client.infiniteQuery(chatSessionsOptions()),
  client.query(recipesOptions()),
];

async function firstPrompts(client: QueryClient, address: Address): Promise<void> {
  const [models, kept] = await Promise.all([
    client.query(chatModelsOptions()),
    address.session === null ? null : client.query(chatSessionOptions(address.session)),
  ]);
  const { left, right } = chooseModels(models, address, kept?.models ?? null);
  const names = [left, right].filter((name) => name !== null);
  const [first] = await Promise.all(names.map((name) => client.infiniteQuery(deploymentsOfName(name))));
  const training = answering(first?.pages[0]?.data ?? [])?.training_job_id;
  const dataset = training && (await client.query(jobDetailOptions(training))).inputs.dataset_id;
  if (dataset) await client.query(datasetRowsOptions(dataset, 0, ROWS));
}
