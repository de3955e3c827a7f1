import type { RecipeBook } from "@/entities/recipe/book";
import { presetNamed, presetNames, type Presets } from "@/entities/recipe/presets";
import { type ConfigReading, isSameRaw, type Raw, type Raws, rawOf, readConfig } from "@/entities/recipe/raw";
import type { Setting } from "@/entities/recipe/settings";
import { formFor, partsOf } from "@/entities/target/registry";
import type { BaseModelOut, DeployRequest, JobCreate, RecipeOut } from "@/lib/api/generated/types.gen";

/** The form as it is written, before anything is read from it. */
export interface Draft {
  /** The job that it was filled from. */
  from: string | null;
  base: string | null;
  dataset: string | null;
  /** How many rows the data set has: presets depend on it. */
  rows: number | null;
  /** Empty: the usual one. */
  recipe: string;
  /** Name of the preset; null: the recipe's first. */
  preset: string | null;
  /** What was changed by hand, over the preset. */
  edits: Raws;
  /** Where the finished model goes, by the target's name; empty: where models usually go; null: nowhere. */
  target: string | null;
  /** In which form; one that the target does not have means its usual one. */
  form: string;
  deployName: string;
  /** Tokens of one conversation when served; empty: as long as the rows of the training. */
  context: string;
  /** The model's name where it gets one of its own; empty: chosen for you. */
  tag: string;
  /** Whether a model of that name gives way. */
  replace: boolean;
  name: string;
}

export const EMPTY_DRAFT: Draft = {
  from: null,
  base: null,
  dataset: null,
  rows: null,
  recipe: "",
  preset: null,
  edits: {},
  target: "",
  form: "",
  deployName: "",
  context: "",
  tag: "",
  replace: false,
  name: "",
};

/** A field without edits: the preset's value, else the recipe's. */
export function presetRaw(draft: Draft, setting: Setting, presets: Presets): Raw {
  const values = presetNamed(presets, draft.preset)?.values ?? {};
  return rawOf(setting.name in values ? values[setting.name] : setting.fallback);
}

export function rawIn(draft: Draft, setting: Setting, presets: Presets): Raw {
  return draft.edits[setting.name] ?? presetRaw(draft, setting, presets);
}

/** Write in a field; writing what the preset says is no change. */
export function withEdit(draft: Draft, setting: Setting, raw: Raw, presets: Presets): Draft {
  const { [setting.name]: _old, ...others } = draft.edits;
  return { ...draft, edits: raw === presetRaw(draft, setting, presets) ? others : { ...others, [setting.name]: raw } };
}

/** Choose a preset: what presets set is set by it, other changes by hand stay. */
export function withPreset(draft: Draft, preset: string, presets: Presets): Draft {
  const names = presetNames(presets);
  const edits = Object.fromEntries(Object.entries(draft.edits).filter(([name]) => !names.has(name)));
  return { ...draft, preset, edits };
}

/** Names of the fields that were changed by hand and mean something else than the preset. */
export function changedNames(draft: Draft, settings: readonly Setting[], presets: Presets): string[] {
  return settings
    .filter((setting) => !isSameRaw(setting, rawIn(draft, setting, presets), presetRaw(draft, setting, presets)))
    .map((setting) => setting.name);
}

export function readDraft(draft: Draft, settings: readonly Setting[], presets: Presets): ConfigReading {
  return readConfig(settings, Object.fromEntries(settings.map((setting) => [setting.name, rawIn(draft, setting, presets)])));
}

/** The preset that is nearest to a config, and what differs from it as changes by hand. */
export function withConfig(draft: Draft, settings: readonly Setting[], config: Readonly<Record<string, unknown>>, presets: Presets): Draft {
  const offered = presets.length > 0 ? presets.map(({ name }) => name) : [draft.preset];
  const candidates = offered.map((preset): Draft => {
    const plain: Draft = { ...draft, preset, edits: {} };
    return settings.reduce((filled, setting) => {
      const raw = rawOf(setting.name in config ? config[setting.name] : setting.fallback);
      return isSameRaw(setting, raw, presetRaw(plain, setting, presets)) ? filled : withEdit(filled, setting, raw, presets);
    }, plain);
  });
  const nearest = candidates.reduce((best, one) => (sizeOf(one) < sizeOf(best) ? one : best));
  // Every value is written down: what a preset would set is another number when other data is chosen.
  const edits = settings.map(({ name, fallback }) => [name, rawOf(name in config ? config[name] : fallback)] as const);
  return { ...nearest, edits: Object.fromEntries(edits) };
}

function sizeOf(draft: Draft): number {
  return Object.keys(draft.edits).length;
}

/** What is sent to the API. */
export function requestOf(draft: Draft, config: Record<string, unknown>, book: RecipeBook): JobCreate {
  const name = draft.name.trim();
  const deploy = deployOf(draft, book);
  return {
    recipe: draft.recipe || book.usual?.name,
    ...(takesBase(book.of(draft.recipe) ?? book.usual) && { base_model: draft.base }),
    dataset_id: draft.dataset,
    config,
    ...(name && { name }),
    ...(deploy && { deploy }),
  };
}

/** Whether a recipe begins with a base model. */
export function takesBase(recipe: RecipeOut | undefined): boolean {
  return Object.values(recipe?.inputs ?? {}).some(({ base_model_tasks: tasks }) => tasks.length > 0);
}

type Learner = Pick<BaseModelOut, "id" | "reference" | "source" | "tasks">;

/** Whether a model can learn what a recipe teaches. */
export function canLearn(model: Learner, recipe: RecipeOut | undefined): boolean {
  const tasks = Object.values(recipe?.inputs ?? {}).flatMap((input) => input.base_model_tasks);
  return tasks.length === 0 || model.tasks.some((task) => tasks.includes(task));
}

/** The base model: the chosen one, unless it is known that it cannot learn what the recipe teaches; then one that can. */
export function baseFor(chosen: string | null, recipe: RecipeOut | undefined, models: readonly Learner[]): string | null {
  const known = models.find(({ id, reference }) => reference === chosen || id === chosen);
  if (!known || canLearn(known, recipe)) return chosen;
  const fitting = models.filter((model) => canLearn(model, recipe));
  return (fitting.find(({ source }) => source === "bundled") ?? fitting[0])?.reference ?? null;
}

/** Where what the recipe leaves can go. */
export function targetsOf({ recipe }: Pick<Draft, "recipe">, book: RecipeBook) {
  return book.targetsFor(book.of(recipe)?.artifacts ?? book.usual?.artifacts ?? []);
}

/** The target that is meant, where the model goes anywhere. */
export function targetIn(draft: Pick<Draft, "target" | "recipe">, book: RecipeBook) {
  if (draft.target === null) return null;
  const offered = targetsOf(draft, book);
  return offered.find(({ name }) => name === draft.target) ?? offered[0] ?? null;
}

/** The recipe that is meant: the chosen one where it takes the data, else the first that does. */
export function recipeFor(chosen: string, kind: string | undefined, recipes: readonly RecipeOut[]): string {
  const fits = (recipe: RecipeOut) => kind === undefined || recipe.dataset_kinds.some((one) => one === kind);
  const wanted = recipes.find(({ name }) => name === chosen);
  return wanted && fits(wanted) ? chosen : (recipes.find(fits)?.name ?? chosen);
}

function deployOf(draft: Draft, book: RecipeBook): DeployRequest | null {
  const target = targetIn(draft, book);
  if (target === null) return null;
  const context = target.chats && readContext(draft.context);
  const [name, tag] = [draft.deployName.trim(), draft.tag.trim()];
  const named = target.has_tags ? tag && { tag, ...(draft.replace && { replace: true }) } : name && { name };
  return {
    target: target.name as DeployRequest["target"],
    ...partsOf(target.name).asked(formFor(target.name, draft.form)),
    ...(named || {}),
    ...(context && { context }),
  };
}

/** A number as it is written, also in full width; null where there is none. */
function readContext(written: string): number | null {
  const text = written.normalize("NFKC").replaceAll(/[\s,]/g, "");
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}
