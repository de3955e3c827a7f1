import { type QueryClient, queryOptions, useQuery } from "@tanstack/react-query";

import { getRecipe, listRecipes } from "@/lib/api/generated/sdk.gen";

import { bookOf, type RecipeBook } from "./book";

/** All recipes with the JSON Schema of their settings. They change only with the platform's version. */
export function recipesOptions() {
  return queryOptions({
    queryKey: ["recipes", "list"],
    queryFn: async ({ signal }) => (await listRecipes({ signal })).data.data,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** All recipes. */
export function useRecipes() {
  return useQuery(recipesOptions());
}

/** What recipes do; while that is not known, none does anything special. */
export function useRecipeBook(): RecipeBook {
  return bookOf(useRecipes().data);
}

/** What recipes do, for what a server reads or a press sends. */
export async function knownBook(client: QueryClient): Promise<RecipeBook> {
  return bookOf(await client.ensureQueryData(recipesOptions()));
}

export function useRecipe(name: string) {
  return useQuery({
    queryKey: ["recipes", "detail", name],
    queryFn: async ({ signal }) => (await getRecipe({ path: { name }, signal })).data,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
