"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";

import { Combobox } from "@/components/ui/combobox";
import { useJobs } from "@/entities/job/use-jobs";
import { useRecipes } from "@/entities/recipe/queries";
import { useFormat } from "@/lib/use-format";

import { OFFERED, runsOf } from "./reads";

/** Finds one more run by its name. */
export function AddRun({ taken, isFull, onAdd }: { taken: readonly string[]; isFull: boolean; onAdd: (id: string) => void }) {
  const t = useTranslations("compare.add");
  const format = useFormat();
  const [round, setRound] = useState(0);
  const recipes = useRecipes().data;
  const { jobs } = useJobs(recipes ? runsOf(recipes) : {}, OFFERED, recipes !== undefined);
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
