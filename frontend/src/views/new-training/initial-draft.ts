import { settingsOf } from "@/entities/recipe/settings";
import type { BaseModelOut, DatasetOut, JobDetail, RecipeOut } from "@/lib/api/generated/types.gen";

import { type Draft, type Finish, withConfig } from "./draft";

/**
 * What the form begins with: the job to duplicate, else the draft; what only one thing can be is chosen.
 * Who comes with a base of Ollama's (`asked`) gets the model back there.
 */
export function initialDraft(
  draft: Draft,
  recipes: readonly RecipeOut[],
  datasets: readonly DatasetOut[],
  models: readonly BaseModelOut[],
  source: JobDetail | undefined,
  asked: string | null,
): Draft {
  const filled = source && draft.from !== source.id ? filledFrom(draft, recipes, datasets, source) : draft;
  const bundled = models.find((model) => model.source === "bundled") ?? models[0];
  const fitting = datasets.filter((dataset) => recipes.some((recipe) => recipe.dataset_kinds.includes(dataset.kind)));
  const only = fitting.length === 1 ? fitting[0] : undefined;
  const isThere = datasets.some((dataset) => dataset.id === filled.dataset);
  return {
    ...filled,
    base: filled.base ?? bundled?.reference ?? null,
    finish: asked?.startsWith("ollama:") && asked !== filled.base ? "ollama" : filled.finish,
    dataset: (isThere ? filled.dataset : null) ?? only?.id ?? null,
    recipe: recipes.some((recipe) => recipe.name === filled.recipe) ? filled.recipe : (recipes[0]?.name ?? filled.recipe),
  };
}

function filledFrom(
  draft: Draft,
  recipes: readonly RecipeOut[],
  datasets: readonly DatasetOut[],
  source: JobDetail,
): Draft {
  const recipe = recipes.find((one) => one.name === source.recipe);
  if (!recipe) return draft;
  const dataset = source.inputs.dataset_id ?? null;
  const plain: Draft = {
    ...draft,
    from: source.id,
    recipe: recipe.name,
    name: source.name ?? "",
    base: source.inputs.base_model ?? null,
    dataset,
    rows: datasets.find((one) => one.id === dataset)?.counts.kept ?? null,
    finish: finishOf(source),
    deployName: "",
    tag: "",
    replace: false,
  };
  return withConfig(plain, settingsOf(recipe.config_schema), source.config);
}

/** Where a job's model went. Names are not taken over: each model has its own. */
function finishOf({ stages }: JobDetail): Finish {
  if (stages.some(({ recipe }) => recipe === "deploy_ollama")) return "ollama";
  return stages.some(({ recipe }) => recipe === "deploy_llama_cpp") ? "f16" : "none";
}
