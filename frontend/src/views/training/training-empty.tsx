"use client";

import { Activity, SearchX } from "lucide-react";
import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { LinkButton } from "@/components/ui/link-button";
import { useDatasets } from "@/entities/dataset/queries";
import { ADD_DATA, newTraining } from "@/lib/routes";

/** No row: nothing matches, nothing was trained yet, or there is nothing to train on. */
export function TrainingEmpty({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  const t = useTranslations("training.empty");
  const { datasets, isPending } = useDatasets({}, 1);
  if (isFiltered) {
    return (
      <EmptyState
        icon={<SearchX aria-hidden />}
        title={t("noMatch")}
        description={t("noMatchHint")}
        action={<Button onClick={onClear}>{t("clear")}</Button>}
      />
    );
  }
  if (isPending) return <div className="h-56" />;
  const hasData = datasets.length > 0;
  return (
    <EmptyState
      icon={<Activity aria-hidden />}
      title={t("nothing")}
      description={t(hasData ? "nothingHint" : "noDataHint")}
      action={
        <LinkButton variant="primary" href={hasData ? newTraining() : ADD_DATA}>
          {t(hasData ? "start" : "addData")}
        </LinkButton>
      }
    />
  );
}
