import { isDeploying } from "@/entities/job/deploying";
import { formOf } from "@/entities/ollama/forms";
import type { Presets } from "@/entities/recipe/presets";
import { settingsOf } from "@/entities/recipe/settings";
import type { BaseModelOut, DatasetOut, JobDetail, RecipeOut } from "@/lib/api/generated/types.gen";

import { type Draft, QUANTIZATIONS, withConfig } from "./draft";

/** The job to duplicate, the jobs of its chain, and its base model by its reference: null where that is gone. */
export interface Source {
  job: JobDetail;
  stages: readonly JobDetail[];
  base: string | null;
}

/**
 * What the form begins with: the job to duplicate, else the draft; what only one thing can be is chosen. What a duplicate
 * lacks is left open: nothing else takes its place unasked. Who comes with a base of Ollama's (`asked`) gets the model
 * back there.
 */
export function initialDraft(
  draft: Draft,
  recipes: readonly RecipeOut[],
  datasets: readonly DatasetOut[],
  models: readonly BaseModelOut[],
  source: Source | undefined,
  asked: string | null,
  presets: Presets,
): Draft {
  const isDuplicate = source !== undefined;
  const filled = source && draft.from !== source.job.id ? filledFrom(draft, recipes, datasets, source, presets) : draft;
  const bundled = models.find((model) => model.source === "bundled") ?? models[0];
  const fitting = datasets.filter((dataset) => recipes.some((recipe) => recipe.dataset_kinds.includes(dataset.kind)));
  const only = fitting.length === 1 && !isDuplicate ? fitting[0] : undefined;
  const isThere = datasets.some((dataset) => dataset.id === filled.dataset);
  return {
    ...filled,
    base: filled.base ?? (isDuplicate ? null : (bundled?.reference ?? null)),
    finish: asked?.startsWith("ollama:") && asked !== filled.base ? "ollama" : filled.finish,
    dataset: (isThere ? filled.dataset : null) ?? only?.id ?? null,
    recipe: recipes.some((recipe) => recipe.name === filled.recipe) ? filled.recipe : (recipes[0]?.name ?? filled.recipe),
  };
}

/** What the presets of the first form depend on: the recipe, and the rows of the data (null: none is chosen). */
export function presetFacts(draft: Draft, datasets: readonly DatasetOut[], asked: string | null): { recipe: string; rows: number | null } {
  const dataset = asked ?? draft.dataset;
  return { recipe: draft.recipe, rows: datasets.find((one) => one.id === dataset)?.counts.kept ?? null };
}

/** Names are not taken over: each job and each model has its own. */
function filledFrom(draft: Draft, recipes: readonly RecipeOut[], datasets: readonly DatasetOut[], { job, stages, base }: Source, presets: Presets): Draft {
  const recipe = recipes.find((one) => one.name === job.recipe);
  if (!recipe) return draft;
  const dataset = job.inputs.dataset_id ?? null;
  const plain: Draft = {
    ...draft,
    ...finishOf(stages),
    from: job.id,
    recipe: recipe.name,
    name: "",
    base,
    dataset,
    rows: datasets.find((one) => one.id === dataset)?.counts.kept ?? null,
    deployName: "",
    tag: "",
    replace: false,
  };
  return withConfig(plain, settingsOf(recipe.config_schema), job.config, presets);
}

/** Where a job's model went, and in which form. */
function finishOf(stages: readonly JobDetail[]): Pick<Draft, "finish" | "ollamaForm" | "context"> {
  const deploying = stages.find(({ recipe }) => isDeploying(recipe)); // what was deployed later was another wish
  if (!deploying) return { finish: "none", ollamaForm: "auto", context: "" };
  const { config, inputs } = deploying;
  if (deploying.recipe === "deploy_ollama") return { finish: "ollama", ollamaForm: formOf(config), context: numberText(config["num_ctx"]) };
  const exported = stages.find(({ id }) => id === inputs.export_job_id);
  const finish = QUANTIZATIONS.find((one) => one === exported?.config["outtype"]) ?? "f16";
  return { finish, ollamaForm: "auto", context: numberText(config["context"]) };
}

function numberText(value: unknown): string {
  return typeof value === "number" ? String(value) : "";
}
