export const PRESETS = ["quick", "balanced", "thorough"] as const;
export type Preset = (typeof PRESETS)[number];
type Values = Readonly<Record<string, unknown>>;

/**
 * What the presets set, recipe by recipe; the rest keeps the recipe's defaults.
 *
 * quick: a few minutes even on a CPU, to see whether the data is read as meant and the loss falls.
 * balanced: four rows an update as two passes of two, which halves the memory and changes nothing else.
 * thorough: more capacity and a slower rate; a tenth of the rows watches for the moment when it only learns by heart.
 */
const BY_RECIPE: Readonly<Record<string, Readonly<Record<Preset, Values>>>> = {
  text_lora: {
    quick: { rank: 8, learning_rate: 5e-4, epochs: 1, max_steps: 20, max_length: 256, batch_size: 2, checkpoint_interval: 20 },
    balanced: { rank: 16, learning_rate: 2e-4, epochs: 3, batch_size: 2, gradient_accumulation: 2 },
    thorough: {
      rank: 32,
      learning_rate: 1e-4,
      epochs: 6,
      batch_size: 2,
      gradient_accumulation: 4,
      warmup_ratio: 0.05,
      dropout: 0.05,
      eval_split: 0.1,
      early_stopping_patience: 2,
    },
  },
};

export const FIRST_PRESET: Preset = "balanced";

/** What a preset sets for a recipe; nothing for recipes that have none. */
export function presetValues(recipe: string, preset: Preset): Values {
  return BY_RECIPE[recipe]?.[preset] ?? {};
}

export function hasPresets(recipe: string): boolean {
  return recipe in BY_RECIPE;
}

/** Every setting that some preset of the recipe sets: choosing a preset puts all of them in place. */
export function presetNames(recipe: string): ReadonlySet<string> {
  return new Set(PRESETS.flatMap((preset) => Object.keys(presetValues(recipe, preset))));
}
