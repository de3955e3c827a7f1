import { useLocale, useTranslations } from "next-intl";

import { useRecipes } from "@/entities/recipe/queries";

import { EVERYTHING, TRAINING } from "./filters";

/** What jobs can be of, as the filter offers it: what trains first. */
export function useKinds(): { value: string; label: string }[] {
  const t = useTranslations("training.filters");
  const locale = useLocale();
  const recipes = useRecipes().data ?? [];
  const option = ({ name, title }: (typeof recipes)[number]) => ({ value: name, label: title[locale] });
  return [
    { value: TRAINING, label: t("training") },
    ...recipes.filter((one) => one.trains).map(option),
    ...recipes.filter((one) => !one.trains).map(option),
    { value: EVERYTHING, label: t("everything") },
  ];
}
