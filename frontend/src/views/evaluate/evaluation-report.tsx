"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";

import { Crumb } from "@/components/layout/crumb";
import { Page } from "@/components/layout/page";
import { Link } from "@/components/ui/link";
import { LinkButton } from "@/components/ui/link-button";
import { PersonsName } from "@/components/ui/persons-name";
import { ConfusionCard } from "@/entities/evaluation/confusion-card";
import { FigureTable } from "@/entities/evaluation/figure-table";
import { ImportanceCard } from "@/entities/evaluation/importance-card";
import { MistakesCard } from "@/entities/evaluation/mistakes-card";
import type { Cell } from "@/entities/evaluation/queries";
import type { EvaluationDetail } from "@/lib/api/generated/types.gen";
import { datasetPage, jobPage } from "@/lib/routes";
import { useFormat } from "@/lib/use-format";

import { ClassTable } from "./class-table";
import { ComparisonCard } from "./comparison-card";
import { CurveCards } from "./curve-cards";

/** Figures, where it errs, and how it stands beside another. */
export function EvaluationReport({ evaluation }: { evaluation: EvaluationDetail }) {
  const t = useTranslations("evaluate");
  const [cell, setCell] = useState<Cell | null>(null);
  return (
    <Page
      title={<PersonsName>{evaluation.job_name}</PersonsName>}
      description={<Facts evaluation={evaluation} />}
      actions={<LinkButton href={jobPage(evaluation.job_id)}>{t("job")}</LinkButton>}
    >
      <Crumb label={evaluation.job_name} />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-3 xl:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
        <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
          <FigureTable evaluation={evaluation} />
          {evaluation.classes.length > 0 && <ClassTable classes={evaluation.classes} />}
          {evaluation.importances && <ImportanceCard importances={evaluation.importances} />}
          <CurveCards curves={evaluation.curves} />
        </div>
        <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
          {evaluation.confusion && <ConfusionCard confusion={evaluation.confusion} cell={cell} onCell={setCell} />}
          {evaluation.labels.length > 0 && <MistakesCard evaluation={evaluation} cell={cell} onAll={() => setCell(null)} />}
          <ComparisonCard evaluation={evaluation} />
        </div>
      </div>
    </Page>
  );
}

function Facts({ evaluation }: { evaluation: EvaluationDetail }) {
  const t = useTranslations("evaluate");
  const format = useFormat();
  const { dataset_id, dataset_name } = evaluation;
  return (
    <span className="flex flex-wrap gap-x-3 gap-y-0.5">
      <span>{t("rows", { count: evaluation.rows })}</span>
      {dataset_id && dataset_name ? (
        <Link href={datasetPage(dataset_id)} className="underline-offset-3 hover:underline">
          <PersonsName>{dataset_name}</PersonsName>
        </Link>
      ) : (
        <span>{t("datasetGone")}</span>
      )}
      <span>{format.dateTime(evaluation.created_at)}</span>
    </span>
  );
}
