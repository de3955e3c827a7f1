"use client";

import { useLocale, useTranslations } from "next-intl";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { ProblemState } from "@/components/ui/problem";
import { useFindings } from "@/entities/dataset/row-search";
import type { DatasetDetail, Finding } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

import { type DatasetState, NO_FILTER } from "./use-dataset-state";

/** What `datasets validate` says of the rows, and a way to each of them. */
export function FindingsCard({ dataset, state }: { dataset: DatasetDetail; state: DatasetState }) {
  const t = useTranslations("dataset.findings");
  const format = useFormat();
  const { data, error, isFetching, refetch } = useFindings(dataset.id);
  if (!data && !error) return null;
  return (
    <Card title={t("title")}>
      {error && <ProblemState problem={error} onRetry={() => void refetch()} retrying={isFetching} />}
      {data && (
        <>
          {data.data.length === 0 && <p className="text-ink-2">{t("nothing")}</p>}
          <ul className="grid gap-2.5">
            {data.data.map((finding) => (
              <Found key={finding.code} finding={finding} isShown={state.problem === finding.code} onShow={(problem) => void state.set({ ...NO_FILTER, problem })} />
            ))}
          </ul>
          {data.looked_at < data.total && <p className="mt-2 text-xs text-ink-3">{t("part", { rows: format.number(data.looked_at) })}</p>}
          {data.compared < data.looked_at && <p className="mt-2 text-xs text-ink-3">{t("compared", { rows: format.number(data.compared) })}</p>}
        </>
      )}
    </Card>
  );
}

interface FoundProps {
  finding: Finding;
  isShown: boolean;
  onShow: (code: string | null) => void;
}

function Found({ finding: { code, state, title, cure }, isShown, onShow }: FoundProps) {
  const t = useTranslations("dataset.findings");
  const locale = useLocale();
  return (
    <li className="grid gap-1">
      <p className="flex items-start gap-2">
        <Badge tone={state === "fail" ? "bad" : "caution"}>{t(state)}</Badge>
        <span className="min-w-0">{title[locale]}</span>
      </p>
      <p className="flex items-center justify-between gap-2 text-xs text-ink-3">
        <span className="min-w-0">{cure[locale]}</span>
        <Button size="sm" aria-pressed={isShown} aria-label={t("showOf", { title: title[locale] })} onClick={() => onShow(isShown ? null : code)}>
          {t(isShown ? "showAll" : "show")}
        </Button>
      </p>
    </li>
  );
}
