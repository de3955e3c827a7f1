"use client";

import { Activity } from "lucide-react";
import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";

import { EmptyState } from "@/components/ui/empty-state";
import { LinkButton } from "@/components/ui/link-button";
import { useDatasets } from "@/entities/dataset/queries";
import { ADD_DATA, newTraining } from "@/lib/routes";

import { type Choice, isFiltered } from "./filters";

/** Stands there only after somebody has chosen: no part of the first load. */
const NoMatch = dynamic(() => import("./no-match").then((module) => module.NoMatch));

export interface TrainingEmptyProps {
  choice: Choice;
  onChange: (next: Partial<Choice>) => void;
  onClear: () => void;
}

/** No row: nothing matches, nothing was trained yet, or there is nothing to train on. */
export function TrainingEmpty(props: TrainingEmptyProps) {
  const t = useTranslations("training.empty");
  const { datasets, isPending } = useDatasets({}, 1);
  if (isFiltered(props.choice)) {
    return (
      <div className="min-h-56">
        <NoMatch {...props} />
      </div>
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
