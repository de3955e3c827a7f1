import { useLocale } from "next-intl";
import { useMemo } from "react";

import type { MetricOut, RecipeOut } from "@/lib/api/generated/types.gen";

import { useRecipes } from "./queries";

/** The metrics of some recipes, each once, in their order. */
export function metricsOf(recipes: readonly RecipeOut[], names: ReadonlySet<string>): MetricOut[] {
  const all = recipes.filter(({ name }) => names.has(name)).flatMap(({ metrics }) => metrics);
  return [...new Map(all.map((one) => [one.name, one])).values()];
}

/** The metrics of the recipes of some jobs. */
export function useMetrics(jobs: readonly { recipe: string }[]): readonly MetricOut[] {
  const { data } = useRecipes();
  const names = [...new Set(jobs.map(({ recipe }) => recipe))].sort().join(" ");
  return useMemo(() => metricsOf(data ?? [], new Set(names.split(" "))), [data, names]);
}

/** What a metric is called; one that no recipe declares keeps its own name. */
export function useMetricTitle(metrics: readonly MetricOut[]): (name: string) => string {
  const locale = useLocale();
  return useMemo(() => {
    const titles = new Map(metrics.map(({ name, title }) => [name, title[locale]]));
    return (name) => titles.get(name) ?? name;
  }, [metrics, locale]);
}
