import type { JobFilters } from "@/entities/job/keys";
import { namesOf } from "@/entities/recipe/names";
import type { JobState, RecipeOut } from "@/lib/api/generated/types.gen";

export const STATE_CHOICES = ["all", "active", "completed", "failed", "cancelled"] as const;
export type StateChoice = (typeof STATE_CHOICES)[number];

/** `training`: every recipe that trains, each with its followers; `all`: every job by itself; else one recipe. */
export const TRAINING = "training";
export const EVERYTHING = "all";

export interface Choice {
  state: StateChoice;
  kind: string;
  q: string;
  tag: string;
}

/** What the list shows when nothing is chosen. */
export const EVERY_TRAINING: Choice = { state: "all", kind: TRAINING, q: "", tag: "" };

const STATES: Record<StateChoice, JobState[] | undefined> = {
  all: undefined,
  active: ["pending", "queued", "running"],
  completed: ["completed"],
  failed: ["failed"],
  cancelled: ["cancelled"],
};

/** What the API is asked for; keys that say nothing are left out, so that equal questions share the cache. */
export function filtersOf({ state, kind, q, tag }: Choice, recipes: readonly RecipeOut[]): JobFilters {
  const recipe = recipesOf(kind, recipes);
  const words = q.trim();
  const states = STATES[state];
  return { ...(states && { state: states }), ...(recipe && { recipe }), ...(words && { q: words }), ...(tag && { tag }) };
}

/** The recipes whose jobs are rows of the list. */
export function recipesShown(kind: string, recipes: readonly RecipeOut[]): RecipeOut[] {
  const names = recipesOf(kind, recipes);
  return recipes.filter(({ name }) => names?.includes(name) ?? true);
}

/** Whether rows hold a whole chain: followers are then not rows of their own. */
export function isFolded(kind: string, recipes: readonly RecipeOut[]): boolean {
  return kind === TRAINING || recipes.some((recipe) => recipe.name === kind && recipe.trains);
}

export function isFiltered({ state, kind, q, tag }: Choice): boolean {
  return tag !== "" || state !== "all" || kind !== TRAINING || q.trim() !== "";
}

function recipesOf(kind: string, recipes: readonly RecipeOut[]): string[] | undefined {
  if (kind === EVERYTHING) return undefined;
  if (kind === TRAINING) return namesOf(recipes, true);
  return [kind];
}
