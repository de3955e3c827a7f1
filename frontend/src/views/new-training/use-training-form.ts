import { parseAsString, useQueryStates } from "nuqs";
import { useCallback, useEffect, useMemo, useState } from "react";

import type { Raw } from "@/entities/recipe/raw";
import { type Setting, settingsOf } from "@/entities/recipe/settings";
import type { Preset } from "@/entities/recipe/presets";
import type { DatasetOut, RecipeOut } from "@/lib/api/generated/types.gen";

import { type Draft, changedNames, rawIn, readDraft, requestOf, withEdit, withPreset } from "./draft";
import { saveDraft } from "./draft-store";

export function useAddress() {
  return useQueryStates({ dataset: parseAsString, base: parseAsString, from: parseAsString }, { history: "replace" });
}

/** The form: its draft, what it means, and how it is changed. The address says data set and base model, if it does. */
export function useTrainingForm(recipes: readonly RecipeOut[], datasets: readonly DatasetOut[], initial: Draft, isKept: boolean) {
  const [address, setAddress] = useAddress();
  const [stored, setDraft] = useState(initial);
  const completed = useCallback(
    (written: Draft): Draft => {
      const dataset = address.dataset ?? written.dataset;
      const rows = datasets.find((one) => one.id === dataset)?.counts.kept ?? null;
      return { ...written, dataset, rows, base: address.base ?? written.base };
    },
    [datasets, address.dataset, address.base],
  );
  const draft = useMemo(() => completed(stored), [completed, stored]);
  useEffect(() => {
    if (isKept) saveDraft(draft);
  }, [draft, isKept]);
  const recipe = recipes.find((one) => one.name === draft.recipe) ?? recipes[0];
  const settings = useMemo(() => (recipe ? settingsOf(recipe.config_schema) : []), [recipe]);
  const reading = useMemo(() => readDraft(draft, settings), [draft, settings]);
  const changed = useMemo(() => new Set(changedNames(draft, settings)), [draft, settings]);
  const request = useMemo(() => requestOf(draft, reading.config), [draft, reading.config]);
  const change = (part: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...part }));
    if (part.dataset !== undefined) void setAddress({ dataset: part.dataset });
    if (part.base !== undefined) void setAddress({ base: part.base });
  };
  return {
    draft,
    recipe,
    settings,
    faults: reading.faults,
    changed,
    request,
    hasFaults: Object.keys(reading.faults).length > 0,
    change,
    rawOf: (setting: Setting) => rawIn(draft, setting),
    edit: (setting: Setting, raw: Raw) => setDraft((before) => withEdit(completed(before), setting, raw)),
    reset: (setting: Setting) => setDraft(({ edits: { [setting.name]: _old, ...edits }, ...before }) => ({ ...before, edits })),
    resetAll: () => change({ edits: {} }),
    choosePreset: (preset: Preset) => setDraft((before) => withPreset(before, preset)),
    apply: (changes: Readonly<Record<string, Raw>>) =>
      setDraft((before) =>
        settings.reduce((next, setting) => {
          const raw = changes[setting.name];
          return raw === undefined ? next : withEdit(next, setting, raw);
        }, completed(before)),
      ),
  };
}

export type TrainingForm = ReturnType<typeof useTrainingForm>;
