import type { QueryClient } from "@tanstack/react-query";

import { datasetListOptions, kindsOptions, MOST_NAMED } from "@/entities/dataset/queries";
import { baseModelListOptions } from "@/entities/model/queries";
import { ollamaModelsOptions } from "@/entities/ollama/queries";
import { presetsOptions } from "@/entities/recipe/presets";
import { bookOf } from "@/entities/recipe/book";
import { recipesOptions } from "@/entities/recipe/queries";
import type { Reads } from "@/lib/api/reads";

import { EMPTY_DRAFT } from "./draft";
import type { DraftAddress } from "./draft-store";
import { initialDraft, presetFacts } from "./initial-draft";

export const newTrainingReads = (address: DraftAddress): Reads => (client) => [
  firstPresets(client, address),
  client.query(kindsOptions()),
  client.infiniteQuery(baseModelListOptions()),
  client.query(ollamaModelsOptions()),
];

/** The recipes, the data sets, and the presets that the form begins with. */
async function firstPresets(client: QueryClient, address: DraftAddress): Promise<void> {
  const [recipes, { pages }] = await Promise.all([
    client.query(recipesOptions()),
    client.infiniteQuery(datasetListOptions({}, MOST_NAMED)),
  ]);
  if (address.from !== null) return; // a copy has every value written down, and the presets of its own data
  const datasets = pages.flatMap(({ data }) => data);
  const draft = initialDraft(EMPTY_DRAFT, bookOf(recipes), datasets, [], undefined, address.base, []);
  const { recipe, rows } = presetFacts(draft, datasets, address.dataset);
  await client.query(presetsOptions(recipe, rows));
}
