"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { PersonsName } from "@/components/ui/persons-name";
import { QueryBoundary } from "@/components/ui/query-boundary";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { type Cell, outcomesOptions } from "./queries";
import { MistakenExample } from "./mistaken-example";
import type { EvaluationDetail, Mistake, Outcome } from "@/lib/api/generated/types.gen";
import { isolated } from "@/lib/isolate";
import { useFormat } from "@/lib/use-format";

const MOST_OUTCOMES = 50;

interface MistakesCardProps {
  evaluation: EvaluationDetail;
  /** Of the confusion matrix, where one is chosen. */
  cell: Cell | null;
  onAll: () => void;
}

/** The rows that it is surest of and wrong about; with a cell, all rows of that. */
export function MistakesCard({ evaluation, cell, onAll }: MistakesCardProps) {
  const t = useTranslations("evaluate.mistakes");
  const { mistakes } = evaluation;
  if (cell) {
    return (
      <Card flush title={t("ofCell", { expected: isolated(cell.expected), predicted: isolated(cell.predicted) })} aside={<Button size="sm" onClick={onAll}>{t("all")}</Button>}>
        <CellRows evaluation={evaluation} cell={cell} />
      </Card>
    );
  }
  return (
    <Card flush title={t("title")} aside={mistakes.length > 0 && t("shown", { count: mistakes.length })}>
      {mistakes.length === 0 ? <p className="px-3.5 pb-3.5 text-ink-2">{t("none")}</p> : <Gallery mistakes={mistakes} kind={evaluation.kind} />}
    </Card>
  );
}

function Gallery({ mistakes, kind }: { mistakes: readonly Mistake[]; kind: string }) {
  return (
    <ul className="max-h-[32rem] divide-y overflow-y-auto border-t" tabIndex={0}>
      {mistakes.map(({ outcome, example }) => (
        <li key={outcome.row} className="grid gap-1 px-3.5 py-2">
          <MistakenExample kind={kind} example={example} />
          <Verdict outcome={outcome} />
        </li>
      ))}
    </ul>
  );
}

function CellRows({ evaluation, cell }: { evaluation: EvaluationDetail; cell: Cell }) {
  const t = useTranslations("evaluate.mistakes");
  const query = useQuery(outcomesOptions(evaluation.id, cell, MOST_OUTCOMES));
  const shown = new Map(evaluation.mistakes.map((one) => [one.outcome.row, one.example]));
  const { data: outcomes = [], total = 0 } = query.data ?? {};
  return (
    <QueryBoundary
      query={query}
      waiting={<Loading className="p-3.5"><Skeleton className="h-24" /></Loading>}
      isEmpty={outcomes.length === 0}
      empty={<p className="px-3.5 pb-3.5 text-ink-2">{t("emptyCell")}</p>}
      problemClassName="m-3.5"
    >
      <ul className="max-h-[32rem] divide-y overflow-y-auto border-t" tabIndex={0}>
        {outcomes.map((outcome) => {
          const example = shown.get(outcome.row);
          return (
            <li key={outcome.row} className="grid gap-1 px-3.5 py-2">
              {example && <MistakenExample kind={evaluation.kind} example={example} />}
              <Verdict outcome={outcome} />
            </li>
          );
        })}
      </ul>
      {total > outcomes.length && <p className="border-t px-3.5 py-2 text-xs text-ink-3">{t("more", { count: total - outcomes.length })}</p>}
    </QueryBoundary>
  );
}

function Verdict({ outcome }: { outcome: Outcome }) {
  const t = useTranslations("evaluate.mistakes");
  const format = useFormat();
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-ink-2">
      <span className="text-ink-3">{t("row", { row: outcome.row })}</span>
      <Named word={t("expected")}>
        <Labels labels={outcome.expected} tone="good" />
      </Named>
      <Named word={t("predicted")}>
        <Labels labels={outcome.predicted} tone={outcome.correct ? "good" : "bad"} />
      </Named>
      <span>{t("confidence", { share: format.percent(outcome.confidence) })}</span>
    </p>
  );
}

function Named({ word, children }: { word: string; children: ReactNode }) {
  return (
    <span className="inline-flex flex-wrap items-center gap-1">
      <span className="text-ink-3">{word}</span>
      {children}
    </span>
  );
}

function Labels({ labels, tone }: { labels: readonly string[]; tone: "good" | "bad" }) {
  const t = useTranslations("evaluate.mistakes");
  if (labels.length === 0) return <Badge>{t("noLabel")}</Badge>;
  return labels.map((label) => (
    <Badge key={label} tone={tone}>
      <PersonsName>{label}</PersonsName>
    </Badge>
  ));
}
