import { jobListOptions } from "@/entities/job/queries";
import { hubAccessOptions } from "@/entities/model/hub";
import { importsOf, MOST_IMPORTS } from "@/entities/model/imports";
import { baseModelListOptions, deploymentListOptions } from "@/entities/model/queries";
import { ENGINE, MOST_PULL_JOBS } from "@/entities/ollama/pulls";
import { ollamaModelsOptions } from "@/entities/ollama/queries";
import { bookOf } from "@/entities/recipe/book";
import { recipesOptions } from "@/entities/recipe/queries";
import type { Reads } from "@/lib/api/reads";

export const modelsReads: Reads = (client) => [
  client.infiniteQuery(baseModelListOptions()),
  client.infiniteQuery(deploymentListOptions()),
  client.query(hubAccessOptions()),
  client.query(ollamaModelsOptions()),
  client.query(recipesOptions()).then((recipes) =>
    Promise.all([
      client.infiniteQuery(jobListOptions(importsOf(bookOf(recipes)), MOST_IMPORTS)),
      client.infiniteQuery(jobListOptions({ recipe: bookOf(recipes).filling(ENGINE) }, MOST_PULL_JOBS)),
    ]),
  ),
];
