import type { RecipeBook } from "@/entities/recipe/book";
import { presetNamed, presetNames, type Presets } from "@/entities/recipe/presets";
import { type ConfigReading, isSameRaw, type Raw, type Raws, rawOf, readConfig } from "@/entities/recipe/raw";
import type { Setting } from "@/entities/recipe/settings";
import { formFor, partsOf } from "@/entities/target/registry";
import type { DeployRequest, JobCreate } from "@/lib/api/generated/types.gen";

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
    base_model: draft.base,
    dataset_id: draft.dataset,
    config,
    ...(name && { name }),
    ...(deploy && { deploy }),
  };
}

/** The target that is meant, where the model goes anywhere. */
export function targetIn({ target }: Pick<Draft, "target">, book: RecipeBook) {
  return target === null ? null : (book.target(target) ?? book.targets[0] ?? null);
}

function deployOf(draft: Draft, book: RecipeBook): DeployRequest | null {
  const target = targetIn(draft, book);
  if (target === null) return null;
  const context = readContext(draft.context);
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
