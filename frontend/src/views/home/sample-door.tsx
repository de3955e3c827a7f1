"use client";

import { useTranslations } from "next-intl";
import { useRouter } from "next/navigation";

import { Button } from "@/components/ui/button";
import { ProblemNote } from "@/components/ui/problem";
import { useCreateDataset } from "@/entities/dataset/mutations";

import { newTraining } from "@/lib/routes";
import { SAMPLE_NAME, SAMPLE_ROWS } from "./sample-rows";

const SHOWN = 3;

/** Goes on without a file: five questions become a data set, and the page of a new training opens with it. */
export function SampleDoor() {
  const t = useTranslations("home.first.sample");
  const router = useRouter();
  const create = useCreateDataset();
  const start = () =>
    create.mutate(
      { name: SAMPLE_NAME, rows: SAMPLE_ROWS },
      { onSuccess: ({ dataset }) => router.push(newTraining({ dataset: dataset.id })) },
    );
  return (
    <div className="flex min-h-44 flex-col gap-2.5">
      <p className="text-pretty text-ink-2">{t("description")}</p>
      <dl lang="ja" className="divide-y border-y text-xs">
        {SAMPLE_ROWS.slice(0, SHOWN).map((row) => (
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
