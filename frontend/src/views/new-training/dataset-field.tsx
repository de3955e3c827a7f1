import { useLocale, useTranslations } from "next-intl";

import { Combobox } from "@/components/ui/combobox";
import { Field } from "@/components/ui/field";
import { FEW } from "@/components/ui/option";
import { Link } from "@/components/ui/link";
import { Select } from "@/components/ui/select";
import { useKindBook } from "@/entities/dataset/queries";
import { useRecipeBook } from "@/entities/recipe/queries";
import type { DatasetOut } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";
import { ADD_DATA } from "@/lib/routes";

import type { TrainingForm } from "./use-training-form";

interface DatasetFieldProps {
  form: TrainingForm;
  datasets: readonly DatasetOut[];
  /** Whether a start was tried without one. */
  missing: boolean;
  error?: string;
}

/** The data set, with what is in it. */
export function DatasetField({ form, datasets, missing, error }: DatasetFieldProps) {
  const t = useTranslations("newTraining.dataset");
  const terms = useTranslations("terms");
  const locale = useLocale();
  const kinds = useKindBook();
  const format = useFormat();
  const chosen = datasets.find((dataset) => dataset.id === form.draft.dataset);
  const book = useRecipeBook();
  const isFit = (dataset: DatasetOut) => book.learnsFrom(dataset.kind);
  const options = datasets.map((dataset) => ({
    value: dataset.id,
    label: dataset.name,
    hint: isFit(dataset) ? t("rows", { count: dataset.counts.kept }) : t("unfit"),
    disabled: !isFit(dataset),
  }));
  const control = {
    options,
    value: chosen?.id ?? null,
    onChange: (next: string | null) => form.change({ dataset: next }),
    placeholder: t("placeholder"),
  };
  const facts = chosen && [
    t("rows", { count: chosen.counts.kept }),
    kinds.of(chosen.kind)?.title[locale] ?? chosen.kind,
    chosen.counts.refused > 0 ? t("refused", { count: chosen.counts.refused }) : null,
    t("added", { date: format.date(chosen.created_at) }),
  ];
  return (
    <Field
      label={t("label")}
      explanation={terms("words.dataset")}
      aside={
        <Link href={ADD_DATA} className="text-ai underline-offset-2 hover:underline">
          {t("add")}
        </Link>
      }
      error={missing ? t("missing") : error}
      description={facts ? facts.filter(Boolean).join(" · ") : t("how")}
    >
      {datasets.length > FEW ? <Combobox {...control} /> : <Select {...control} />}
    </Field>
  );
}
