import type { QueryClient } from "@tanstack/react-query";

import { datasetOptions, datasetRowsOptions, datasetTokensOptions, kindsOptions, tokenLengthsOptions } from "@/entities/dataset/queries";
import { kindBookOf } from "@/entities/dataset/kind-book";
import { jobListOptions } from "@/entities/job/queries";
import { baseModelListOptions } from "@/entities/model/queries";
import { recipesOptions } from "@/entities/recipe/queries";
import { ifKnown, type Reads } from "@/lib/api/reads";

import { seenWith } from "./seen-with";

export const PAGE_ROWS = 50;
export const MOST_JOBS = 50;

export const datasetReads = (id: string): Reads => (client) => [
  client.query(datasetOptions(id)),
  client.infiniteQuery(baseModelListOptions()),
  client.query(recipesOptions()),
  ifKnown(tokensOf(client, id)),
  client.query(datasetRowsOptions(id, 0, PAGE_ROWS)),
  client.infiniteQuery(jobListOptions({ dataset_id: id }, MOST_JOBS)),
];

async function tokensOf(client: QueryClient, id: string): Promise<void> {
  const [dataset, kinds, { pages }] = await Promise.all([client.query(datasetOptions(id)), client.query(kindsOptions()), client.infiniteQuery(baseModelListOptions())]);
  const { reference, isReady, context, max } = seenWith(pages.flatMap((page) => page.data), null, null);
  if (reference === null || !isReady || !kindBookOf(kinds).hasTokens(dataset.kind)) return;
  await Promise.all([
    client.query(datasetTokensOptions(id, reference, { maxLength: max, offset: 0, limit: PAGE_ROWS })),
    client.query(tokenLengthsOptions(id, reference, context)),
  ]);
}
