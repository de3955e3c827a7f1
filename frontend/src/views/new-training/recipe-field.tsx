import { useLocale, useTranslations } from "next-intl";

import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import type { DatasetOut, RecipeOut } from "@/lib/api/generated/types.gen";

import type { TrainingForm } from "./use-training-form";

/** How to train, where there is more than one way. */
export function RecipeField({ form, recipes, datasets }: { form: TrainingForm; recipes: readonly RecipeOut[]; datasets: readonly DatasetOut[] }) {
  const t = useTranslations("newTraining");
  const terms = useTranslations("terms");
  const locale = useLocale();
  const chosen = datasets.find(({ id }) => id === form.draft.dataset);
  const takesData = (name: string) => !chosen || recipes.some((one) => one.name === name && one.dataset_kinds.some((kind) => kind === chosen.kind));
  return (
    <Field label={t("recipe")} explanation={terms("words.recipe")} description={form.recipe?.summary[locale]}>
      <Select
        options={recipes.map((recipe) => ({ value: recipe.name, label: recipe.title[locale], hint: recipe.name }))}
        value={form.draft.recipe}
        onChange={(recipe) => form.change({ recipe, edits: {}, preset: null, ...(takesData(recipe) ? {} : { dataset: null }) })}
      />
    </Field>
  );
}
