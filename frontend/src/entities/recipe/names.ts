import type { RecipeOut } from "@/lib/api/generated/types.gen";

/** The names of the recipes that train, or of all others. */
export function namesOf(recipes: readonly RecipeOut[], trains: boolean): string[] {
  return recipes.filter((recipe) => recipe.trains === trains).map((recipe) => recipe.name);
}
