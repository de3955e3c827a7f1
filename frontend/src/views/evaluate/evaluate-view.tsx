"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";

import { Crumb } from "@/components/layout/crumb";
import { Page } from "@/components/layout/page";
import { LinkButton } from "@/components/ui/link-button";
import { ProblemState } from "@/components/ui/problem";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { evaluationOptions } from "@/entities/evaluation/queries";
import { EVALUATIONS } from "@/lib/routes";

import { EvaluationReport } from "./evaluation-report";

/** What a run has found on rows that it had not learned from. */
export function EvaluateView({ id }: { id: string }) {
  const t = useTranslations("evaluate");
  const { data, error, isFetching, refetch } = useQuery(evaluationOptions(id));
  if (data) return <EvaluationReport evaluation={data} />;
  const isGone = error?.status === 404;
  return (
    <Page title={t(isGone ? "gone" : "page")}>
      <Crumb label={t("page")} />
      <ProblemState
        problem={error}
        onRetry={isGone ? undefined : () => void refetch()}
        retrying={isFetching}
        action={isGone && <LinkButton size="sm" href={EVALUATIONS}>{t("list")}</LinkButton>}
      />
      {!error && (
        <Loading className="grid gap-3 lg:grid-cols-2">
          <Skeleton className="h-60 rounded-lg" />
          <Skeleton className="h-60 rounded-lg" />
        </Loading>
      )}
    </Page>
  );
}
