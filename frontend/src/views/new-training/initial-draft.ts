import type { RecipeBook } from "@/entities/recipe/book";
import type { Presets } from "@/entities/recipe/presets";
import { settingsOf } from "@/entities/recipe/settings";
import { partsOf } from "@/entities/target/registry";
import type { BaseModelOut, DatasetOut, JobDetail } from "@/lib/api/generated/types.gen";

import { canLearn, type Draft, withConfig } from "./draft";

/** The job to duplicate, the jobs of its chain, and its base model by its reference: null where that is gone. */
export interface Source {
  job: JobDetail;
  stages: readonly JobDetail[];
  base: string | null;
}

/**
 * What the form begins with: the job to duplicate, else the draft; what only one thing can be is chosen. What a duplicate
 * lacks is left open: nothing else takes its place unasked. Who comes with a base out of a server that can be deployed to
 * (`asked`) gets the model back there.
 */
export function initialDraft(
  draft: Draft,
  book: RecipeBook,
  datasets: readonly DatasetOut[],
  models: readonly BaseModelOut[],
  source: Source | undefined,
  asked: string | null,
  presets: Presets,
): Draft {
  const recipes = book.recipes.filter(({ trains }) => trains);
  const isDuplicate = source !== undefined;
  const filled = source && draft.from !== source.job.id ? filledFrom(draft, book, datasets, source, presets) : draft;
  const usual = models.filter((model) => canLearn(model, book.usual));
  const bundled = usual.find((model) => model.source === "bundled") ?? usual[0];
  const fitting = datasets.filter((dataset) => recipes.some((recipe) => recipe.dataset_kinds.includes(dataset.kind)));
  const only = fitting.length === 1 && !isDuplicate ? fitting[0] : undefined;
  const back = asked === null ? undefined : book.target(asked.split(":", 1)[0] ?? "");
  const isThere = datasets.some((dataset) => dataset.id === filled.dataset);
  return {
    ...filled,
    base: filled.base ?? (isDuplicate ? null : (bundled?.reference ?? null)),
    ...(back?.has_tags && asked !== filled.base && { target: back.name }),
    dataset: (isThere ? filled.dataset : null) ?? only?.id ?? null,
    recipe: recipes.some((recipe) => recipe.name === filled.recipe) ? filled.recipe : ((book.usual ?? recipes[0])?.name ?? filled.recipe),
  };
}

/** What the presets of the first form depend on: the recipe, and the rows of the data (null: none is chosen). */
export function presetFacts(draft: Draft, datasets: readonly DatasetOut[], asked: string | null): { recipe: string; rows: number | null } {
  const dataset = asked ?? draft.dataset;
  return { recipe: draft.recipe, rows: datasets.find((one) => one.id === dataset)?.counts.kept ?? null };
}

/** Names are not taken over: each job and each model has its own. */
function filledFrom(draft: Draft, book: RecipeBook, datasets: readonly DatasetOut[], { job, stages, base }: Source, presets: Presets): Draft {
  const recipe = book.of(job.recipe);
  if (!recipe?.trains) return draft;
  const dataset = job.inputs.dataset_id ?? null;
  const plain: Draft = {
    ...draft,
    ...finishOf(stages, book),
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
function finishOf(stages: readonly JobDetail[], book: RecipeBook): Pick<Draft, "target" | "form" | "context"> {
  const deploying = stages.find(({ recipe }) => book.deploys(recipe)); // what was deployed later was another wish
  const target = deploying && book.targetOf(deploying.recipe);
  if (!target) return { target: null, form: "", context: "" };
  const { formOfJob, contextOf } = partsOf(target.name);
  return { target: target.name, form: formOfJob(deploying, stages), context: numberText(contextOf(deploying.config)) };
}

function numberText(value: unknown): string {
  return typeof value === "number" ? String(value) : "";
}
