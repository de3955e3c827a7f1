import { queryOptions, useQuery } from "@tanstack/react-query";

import { listRecipePresets } from "@/lib/api/generated/sdk.gen";
import type { PresetOut } from "@/lib/api/generated/types.gen";

export type Presets = readonly PresetOut[];

/** What a recipe offers to begin with, for a data set of so many rows (null: unknown). It changes only with the platform's version. */
export function presetsOptions(recipe: string, rows: number | null) {
  return queryOptions({
    queryKey: ["recipes", "presets", recipe, rows],
    queryFn: async ({ signal }) => {
      const query = rows === null ? {} : { rows };
      return (await listRecipePresets({ path: { name: recipe }, query, signal })).data.data;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The presets of a recipe; those for the rows before stay in sight until the new ones are there. */
export function usePresets(recipe: string, rows: number | null) {
  return useQuery({
    ...presetsOptions(recipe, rows),
    placeholderData: (known, query) => (query?.queryKey[2] === recipe ? known : undefined),
  });
}

/** The preset of that name; the one that a form begins with where none has it. */
export function presetNamed(presets: Presets, name: string | null): PresetOut | undefined {
  return presets.find((one) => one.name === name) ?? presets.find((one) => one.first) ?? presets[0];
}

/** Every setting that some preset sets: choosing a preset puts all of them in place. */
export function presetNames(presets: Presets): ReadonlySet<string> {
  return new Set(presets.flatMap((one) => Object.keys(one.values)));
}
