import { useQueries } from "@tanstack/react-query";
import { useLocale } from "next-intl";
import { useCallback, useMemo } from "react";

import { datasetOptions, MOST_NAMED, useDatasets } from "@/entities/dataset/queries";
import { useRecipes } from "@/entities/recipe/queries";
import type { DatasetDetail } from "@/lib/api/generated/types.gen";

type Ids = readonly (string | null | undefined)[];

/** What the data sets of some jobs are called: `null` for one that was deleted, nothing while it is not known. */
export function useDatasetNames(ids: Ids): ReadonlyMap<string, string | null> {
  return useDatasetNaming(ids).names;
}

/** The names, and whether one of them is still awaited. */
export function useDatasetNaming(ids: Ids) {
  const { data, isSuccess, isPending } = useDatasets({}, MOST_NAMED);
  const listed = useMemo(
    () => new Map(data?.pages.flatMap((page) => page.data).map((one) => [one.id, one.name])),
    [data],
  );
  const wanted = [...new Set(ids)].filter((id): id is string => Boolean(id) && !listed.has(id ?? ""));
  const key = wanted.join(" ");
  const others = useQueries({
    queries: (isSuccess ? wanted : []).map((id) => ({ ...datasetOptions(id), staleTime: 60_000 })),
    combine: namesOf,
  });
  const names = useMemo(() => {
    const names = new Map<string, string | null>(listed);
    key.split(" ").forEach((id, index) => {
      const name = others.names[index];
      if (name !== undefined) names.set(id, name);
    });
    return names;
  }, [listed, others.names, key]);
  return { names, isPending: isPending || others.isPending };
}

function namesOf(results: readonly { data: DatasetDetail | undefined; error: { status: number } | null; isPending: boolean }[]) {
  return {
    names: results.map(({ data, error }) => data?.name ?? (error?.status === 404 ? null : undefined)),
    isPending: results.some((one) => one.isPending),
  };
}

/** What recipes are called in the page's language. */
export function useRecipeTitles(): (recipe: string) => string {
  const locale = useLocale();
  const { data } = useRecipes();
  return useCallback((recipe) => data?.find((one) => one.name === recipe)?.title[locale] ?? recipe, [data, locale]);
}
