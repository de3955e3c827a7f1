import { datasetListOptions, MOST_NAMED } from "@/entities/dataset/queries";
import { baseModelListOptions } from "@/entities/model/queries";
import { ollamaModelsOptions } from "@/entities/ollama/queries";
import { recipesOptions } from "@/entities/recipe/queries";
import type { Reads } from "@/lib/api/reads";

export const newTrainingReads: Reads = (client) => [
  client.query(recipesOptions()),
  client.infiniteQuery(datasetListOptions({}, MOST_NAMED)),
  client.infiniteQuery(baseModelListOptions()),
  client.query(ollamaModelsOptions()),
];
