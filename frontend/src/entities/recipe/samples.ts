import type { RecipeOut } from "@/lib/api/generated/types.gen";
import { makeQueryClient } from "@/lib/api/query-client";

import { bookOf } from "./book";
import { recipesOptions } from "./queries";
import recipes from "./recipes.test.json";

/** The recipes as the API sends them, for tests; `llmlora check --write` draws them anew. */
export const RECIPES = recipes as unknown as readonly RecipeOut[];
export const BOOK = bookOf(RECIPES);

function needed(recipe: RecipeOut | undefined): RecipeOut {
  if (!recipe) throw new Error("There is no such recipe.");
  return recipe;
}

export const TRAINING = needed(BOOK.usual);
export const EXPORT = needed(BOOK.making("gguf"));
export const IMPORT = needed(BOOK.making("base_model"));
export const FIRST_DEPLOYMENT = needed(BOOK.deployingTo(BOOK.targets[0]?.name ?? ""));
export const NAMED_DEPLOYMENT = needed(RECIPES.find(({ deploys }) => deploys?.has_tags));
export const PULL = needed(RECIPES.find(({ pulls }) => pulls !== null));

/** A page's cache that has the recipes, as those of all pages that need them. */
export function clientWithRecipes() {
  const client = makeQueryClient();
  client.setQueryData(recipesOptions().queryKey, [...RECIPES]);
  return client;
}
