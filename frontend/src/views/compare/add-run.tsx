"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";

import { Combobox } from "@/components/ui/combobox";
import { useJobs } from "@/entities/job/use-jobs";
import { useRecipes } from "@/entities/recipe/queries";
import { useFormat } from "@/lib/use-format";

const OFFERED = 200;

/** Finds one more run by its name. */
export function AddRun({ taken, isFull, onAdd }: { taken: readonly string[]; isFull: boolean; onAdd: (id: string) => void }) {
  const t = useTranslations("compare.add");
  const format = useFormat();
  const [round, setRound] = useState(0);
  const recipes = useRecipes().data;
  const recipe = recipes?.filter((one) => one.trains).map((one) => one.name);
  const { jobs } = useJobs(recipe ? { recipe } : {}, OFFERED, recipe !== undefined);
  const options = jobs
    .filter((job) => !taken.includes(job.id))
    .map((job) => ({ value: job.id, label: job.name, hint: format.relative(job.created_at) }));
  return (
    <Combobox
      // Empty again after each choice.
      key={round}
      label={t("label")}
      placeholder={t(isFull ? "full" : "placeholder")}
      disabled={isFull}
      options={options}
      onChange={(id) => {
        if (id === null) return;
        onAdd(id);
        setRound((old) => old + 1);
      }}
    />
  );
}
