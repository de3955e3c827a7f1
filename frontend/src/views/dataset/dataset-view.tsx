"use client";

import { useTranslations } from "next-intl";

import { Crumb } from "@/components/layout/crumb";
import { Page } from "@/components/layout/page";
import { Card } from "@/components/ui/card";
import { LinkButton } from "@/components/ui/link-button";
import { ProblemState } from "@/components/ui/problem";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { useDataset } from "@/entities/dataset/queries";

import { DatasetContent } from "./dataset-content";

/** One data set: its rows, and how a model sees them. */
export function DatasetView({ id }: { id: string }) {
  const t = useTranslations("dataset");
  const query = useDataset(id);
  if (query.data) return <DatasetContent dataset={query.data} />;
  return (
    <Page
      title={query.isError ? t("failed") : <Waiting />}
      description={!query.isError && <div className="h-34 sm:h-11 xl:h-6" />}
    >
      <Crumb label={id} />
      {query.isError ? (
        <ProblemState
          problem={query.error}
          onRetry={() => void query.refetch()}
          retrying={query.isFetching}
          action={
            <LinkButton size="sm" href="/datasets">
              {t("toList")}
            </LinkButton>
          }
        />
      ) : (
        <Loading className="grid gap-3 xl:grid-cols-[minmax(0,1fr)_23rem]">
          <Card className="h-80">
            <Skeleton className="w-1/3" />
          </Card>
          <Card className="h-80">
            <Skeleton className="w-1/3" />
          </Card>
        </Loading>
      )}
    </Page>
  );
}

function Waiting() {
  const t = useTranslations("dataset");
  return (
    <>
      <span className="sr-only">{t("loading")}</span>
      <span aria-hidden className="block h-6.5" />
    </>
  );
}
