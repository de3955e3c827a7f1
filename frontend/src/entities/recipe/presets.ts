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

/** Below this, three passes are a handful of updates, after which nothing has been learned that one could see. */
export const FEW_ROWS = 50;

/**
 * What a preset sets otherwise for few rows: enough updates to know them by heart, in steps ten times as large.
 * Tried with the bundled model and four seeds: eight passes over five rows, 24 updates, end in the taught answers, word
 * for word.
 */
function forFewRows(preset: Preset, rows: number): Values {
  const often = { gradient_accumulation: 1, checkpoint_interval: 5 };
  switch (preset) {
    case "quick":
      return { learning_rate: 2e-3, epochs: 12, max_steps: 30, checkpoint_interval: 5 };
    case "balanced":
      return { ...often, learning_rate: 2e-3, epochs: Math.max(3, Math.min(passesFor(rows), Math.ceil(60 / rows))) };
    case "thorough":
      return {
        ...often,
        learning_rate: 1e-3,
        epochs: Math.max(6, Math.ceil(120 / rows)),
        eval_split: 0,
        early_stopping_patience: null,
      };
  }
}

/** So that each row is seen eight times, and there are two dozen updates of two rows. */
function passesFor(rows: number): number {
  return Math.max(8, Math.ceil(24 / Math.ceil(rows / 2)));
}

export const FIRST_PRESET: Preset = "balanced";

/** Whether presets treat a data set of so many rows (null: unknown) as a small one. */
export function hasFewRows(rows: number | null): rows is number {
  return rows !== null && rows > 0 && rows < FEW_ROWS;
}

/** What a preset sets for a recipe and so many rows (null: unknown); nothing for recipes that have none. */
export function presetValues(recipe: string, preset: Preset, rows: number | null = null): Values {
  const values = BY_RECIPE[recipe]?.[preset];
  if (!values) return {};
  return hasFewRows(rows) ? { ...values, ...forFewRows(preset, rows) } : values;
}

export function hasPresets(recipe: string): boolean {
  return recipe in BY_RECIPE;
}

/** Every setting that some preset of the recipe sets: choosing a preset puts all of them in place. */
export function presetNames(recipe: string): ReadonlySet<string> {
  return new Set(PRESETS.flatMap((preset) => Object.keys(presetValues(recipe, preset, 1))));
}
