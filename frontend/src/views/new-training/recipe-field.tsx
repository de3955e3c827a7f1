import { useLocale, useTranslations } from "next-intl";

import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import type { RecipeOut } from "@/lib/api/generated/types.gen";

import type { TrainingForm } from "./use-training-form";

/** How to train, where there is more than one way. */
export function RecipeField({ form, recipes }: { form: TrainingForm; recipes: readonly RecipeOut[] }) {
  const t = useTranslations("newTraining");
  const terms = useTranslations("terms");
  const locale = useLocale();
  return (
    <Field label={t("recipe")} explanation={terms("words.recipe")} description={form.recipe?.summary[locale]}>
      <Select
        options={recipes.map((recipe) => ({ value: recipe.name, label: recipe.title[locale], hint: recipe.name }))}
        value={form.draft.recipe}
        onChange={(recipe) => form.change({ recipe, edits: {} })}
      />
    </Field>
  );
}
