"use client";

import { SearchX } from "lucide-react";
import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";

import { EVERY_TRAINING } from "./filters";
import type { TrainingEmptyProps } from "./training-empty";
import { useKinds } from "./use-kinds";

/** Which filters are set, each to be dropped by itself where there are several. */
export function NoMatch({ choice, onChange, onClear }: TrainingEmptyProps) {
  const t = useTranslations("training.empty");
  const states = useTranslations("training.filters.states");
  const kinds = useKinds();
  const { q, state, kind, tag } = EVERY_TRAINING;
  const words = choice.q.trim();
  const drops = [
    ...(words ? [{ label: t("dropWords", { words }), next: { q } }] : []),
    ...(choice.tag ? [{ label: t("dropTag", { tag: choice.tag }), next: { tag } }] : []),
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
