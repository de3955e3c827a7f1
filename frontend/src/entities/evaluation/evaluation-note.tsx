"use client";

import { useTranslations } from "next-intl";

import { LinkButton } from "@/components/ui/link-button";
import { evaluationPage } from "@/lib/routes";

/** On the page of a job that has looked at held-out rows: the way to what it has found. */
export function EvaluationNote({ id }: { id: string }) {
  const t = useTranslations("evaluate.note");
  return (
    <div className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg border bg-panel px-3.5 py-2">
      <p className="min-w-0 grow basis-60 text-pretty text-ink-2">{t("description")}</p>
      <LinkButton size="sm" href={evaluationPage(id)}>
        {t("open")}
      </LinkButton>
    </div>
  );
}
