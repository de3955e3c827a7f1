"use client";

import { Activity, SearchX } from "lucide-react";
import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { LinkButton } from "@/components/ui/link-button";
import { useDatasets } from "@/entities/dataset/queries";
import { ADD_DATA, newTraining } from "@/lib/routes";

import { type Choice, EVERY_TRAINING, isFiltered } from "./filters";
import { useKinds } from "./use-kinds";

interface TrainingEmptyProps {
  choice: Choice;
  onChange: (next: Partial<Choice>) => void;
  onClear: () => void;
}

/** No row: nothing matches, nothing was trained yet, or there is nothing to train on. */
export function TrainingEmpty(props: TrainingEmptyProps) {
  const t = useTranslations("training.empty");
  const { datasets, isPending } = useDatasets({}, 1);
  if (isFiltered(props.choice)) return <NoMatch {...props} />;
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

/** Which filters are set, each to be dropped by itself where there are several. */
function NoMatch({ choice, onChange, onClear }: TrainingEmptyProps) {
  const t = useTranslations("training.empty");
  const states = useTranslations("training.filters.states");
  const kinds = useKinds();
  const { q, state, kind } = EVERY_TRAINING;
  const words = choice.q.trim();
  const drops = [
    ...(words ? [{ label: t("dropWords", { words }), next: { q } }] : []),
    ...(choice.state === state ? [] : [{ label: t("dropState", { state: states(choice.state) }), next: { state } }]),
    ...(choice.kind === kind
      ? []
      : [{ label: t("dropKind", { kind: kinds.find(({ value }) => value === choice.kind)?.label ?? choice.kind }), next: { kind } }]),
  ];
  return (
    <EmptyState
      icon={<SearchX aria-hidden />}
      title={t("noMatch")}
      description={t(drops.length > 1 ? "noMatchOfSeveral" : "noMatchHint")}
      action={
        <span className="flex flex-wrap justify-center gap-2">
          {drops.map(({ label, next }) => (
            <Button key={label} onClick={() => onChange(next)}>
              {label}
            </Button>
          ))}
          {drops.length > 1 && <Button variant="quiet" onClick={onClear}>{t("clear")}</Button>}
        </span>
      }
    />
  );
}
