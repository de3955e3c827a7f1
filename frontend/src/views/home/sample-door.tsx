"use client";

import { useLocale, useTranslations } from "next-intl";
import { useRouter } from "next/navigation";

import { Button } from "@/components/ui/button";
import { ProblemNote } from "@/components/ui/problem";
import { useCreateDataset } from "@/entities/dataset/mutations";

import { newTraining } from "@/lib/routes";
import { sampleIn } from "./sample-rows";

const SHOWN = 3;

/** Goes on without a file: five questions become a data set, and the page of a new training opens with it. */
export function SampleDoor() {
  const t = useTranslations("home.first.sample");
  const sample = sampleIn(useLocale());
  const router = useRouter();
  const create = useCreateDataset();
  const start = () =>
    create.mutate(
      { name: sample.name, rows: sample.rows },
      { onSuccess: ({ dataset }) => router.push(newTraining({ dataset: dataset.id })) },
    );
  return (
    <div className="flex min-h-44 flex-col gap-2.5">
      <p className="text-pretty text-ink-2">{t("description")}</p>
      <dl lang={sample.lang} className="divide-y border-y text-xs">
        {sample.rows.slice(0, SHOWN).map((row) => (
          <div key={row.instruction} className="py-1">
            <dt className="truncate text-ink-3">{row.instruction}</dt>
            <dd className="truncate">{row.output}</dd>
          </div>
        ))}
      </dl>
      <ProblemNote problem={create.error} />
      <div className="mt-auto">
        <Button onClick={start} pending={create.isPending || create.isSuccess} size="lg">
          {t("start")}
        </Button>
      </div>
    </div>
  );
}
