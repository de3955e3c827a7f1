import { parseAsString, useQueryStates } from "nuqs";
import { useCallback, useEffect, useMemo, useState } from "react";

import type { Raw } from "@/entities/recipe/raw";
import { type Setting, settingsOf } from "@/entities/recipe/settings";
import { type Presets, usePresets } from "@/entities/recipe/presets";
import { useRecipeBook } from "@/entities/recipe/queries";
import type { BaseModelOut, DatasetOut, RecipeOut } from "@/lib/api/generated/types.gen";

import { type Draft, baseFor, changedNames, rawIn, readDraft, recipeFor, requestOf, withEdit, withPreset } from "./draft";
import { type DraftAddress, draftKey, saveDraft } from "./draft-store";

const NONE: Presets = [];

export function useAddress() {
  return useQueryStates({ dataset: parseAsString, base: parseAsString, from: parseAsString }, { history: "replace" });
}

/** How a form begins, and what it tells of itself. */
export interface FormStart {
  initial: Draft;
  /** Whether the draft outlives a reload of this tab. */
  isKept: boolean;
  /** Told before the form itself writes another address, to which its draft goes along. */
  onMove: (to: DraftAddress) => void;
}

/** The form: its draft, what it means, and how it is changed. The address says data set and base model, if it does. */
export function useTrainingForm(
  recipes: readonly RecipeOut[],
  datasets: readonly DatasetOut[],
  models: readonly BaseModelOut[],
  { initial, isKept, onMove }: FormStart,
) {
  const [address, setAddress] = useAddress();
  const key = draftKey(address);
  const [stored, setDraft] = useState(initial);
  const completed = useCallback(
    (written: Draft): Draft => {
      const dataset = address.dataset ?? written.dataset;
      const data = datasets.find((one) => one.id === dataset);
      const recipe = recipeFor(written.recipe, data?.kind, recipes);
      const taught = recipes.find(({ name }) => name === recipe);
      const base = baseFor(address.base ?? written.base, taught, models);
      return { ...written, recipe, dataset, rows: data?.counts.kept ?? null, base };
    },
    [datasets, models, recipes, address.dataset, address.base],
  );
  const draft = useMemo(() => completed(stored), [completed, stored]);
  useEffect(() => {
    if (isKept) saveDraft(key, draft);
  }, [key, draft, isKept]);
  const recipe = recipes.find((one) => one.name === draft.recipe) ?? recipes[0];
  const book = useRecipeBook();
  const settings = useMemo(() => (recipe ? settingsOf(recipe.config_schema) : []), [recipe]);
  const offered = usePresets(draft.recipe, draft.rows);
  const presets = offered.data ?? NONE;
  const reading = useMemo(() => readDraft(draft, settings, presets), [draft, settings, presets]);
  const changed = useMemo(() => new Set(changedNames(draft, settings, presets)), [draft, settings, presets]);
  const request = useMemo(() => requestOf(draft, reading.config, book), [draft, reading.config, book]);
  const change = (part: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...part }));
    if (part.dataset === undefined && part.base === undefined) return;
    const to = { ...address, ...(part.dataset !== undefined && { dataset: part.dataset }), ...(part.base !== undefined && { base: part.base }) };
    onMove(to);
    void setAddress(to);
  };
  return {
    draft,
    /** Which draft of this tab the form writes. */
    key,
    recipe,
    settings,
    faults: reading.faults,
    changed,
    request,
    hasFaults: Object.keys(reading.faults).length > 0,
    change,
    presets,
    /** Why the presets are not there. */
    presetsProblem: offered.data ? null : offered.error,
    askForPresets: () => void offered.refetch(),
    isAskingForPresets: offered.isFetching,
    rawOf: (setting: Setting) => rawIn(draft, setting, presets),
    edit: (setting: Setting, raw: Raw) => setDraft((before) => withEdit(completed(before), setting, raw, presets)),
    reset: (setting: Setting) => setDraft(({ edits: { [setting.name]: _old, ...edits }, ...before }) => ({ ...before, edits })),
    resetAll: () => change({ edits: {} }),
    choosePreset: (preset: string) => setDraft((before) => withPreset(before, preset, presets)),
    apply: (changes: Readonly<Record<string, Raw>>) =>
      setDraft((before) =>
        settings.reduce((next, setting) => {
          const raw = changes[setting.name];
          return raw === undefined ? next : withEdit(next, setting, raw, presets);
        }, completed(before)),
      ),
  };
}

export type TrainingForm = ReturnType<typeof useTrainingForm>;
