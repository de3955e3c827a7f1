"use client";

import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useMemo, useState } from "react";

import { Combobox } from "@/components/ui/combobox";
import { useDebounced } from "@/entities/forecast/use-debounced";
import { jobListOptions, jobsOf } from "@/entities/job/queries";
import { useJobs } from "@/entities/job/use-jobs";
import { useRecipes } from "@/entities/recipe/queries";
import type { JobOut, RecipeOut } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

import { OFFERED, runsOf } from "./reads";

const LOOK_AFTER_MS = 250;
const MOST_FOUND = 50;
const LONGEST_SEARCH = 200;

/** Finds one more run by its name. */
export function AddRun({ taken, isFull, onAdd }: { taken: readonly string[]; isFull: boolean; onAdd: (id: string) => void }) {
  const t = useTranslations("compare.add");
  const format = useFormat();
  const [round, setRound] = useState(0);
  const recipes = useRecipes().data;
  const [sought, setSought] = useState("");
  const { jobs, hasNextPage } = useJobs(recipes ? runsOf(recipes) : {}, OFFERED, recipes !== undefined);
  const found = useFoundRuns(hasNextPage ? sought : "", recipes ?? []);
  const all = useMemo(() => [...new Map([...jobs, ...found].map((job) => [job.id, job])).values()], [jobs, found]);
  const options = all
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
      onSought={setSought}
      onChange={(id) => {
        if (id === null) return;
        onAdd(id);
        setSought("");
        setRound((old) => old + 1);
      }}
    />
  );
}

/** Runs beyond the newest, by a part of their name. */
function useFoundRuns(sought: string, recipes: readonly RecipeOut[]): readonly JobOut[] {
  const q = useDebounced(sought.trim(), LOOK_AFTER_MS).slice(0, LONGEST_SEARCH);
  const { data } = useInfiniteQuery({
    ...jobListOptions({ ...runsOf(recipes), q }, MOST_FOUND),
    enabled: q !== "",
    placeholderData: keepPreviousData,
  });
  return useMemo(() => jobsOf(data), [data]);
}
