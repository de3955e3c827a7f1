import { queryOptions, useQuery } from "@tanstack/react-query";

import { getRecipe, listRecipes } from "@/lib/api/generated/sdk.gen";

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

export function useRecipe(name: string) {
  return useQuery({
    queryKey: ["recipes", "detail", name],
    queryFn: async ({ signal }) => (await getRecipe({ path: { name }, signal })).data,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
