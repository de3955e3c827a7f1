"use client";

import { useTranslations } from "next-intl";

import { Crumb } from "@/components/layout/crumb";
import { Page } from "@/components/layout/page";
import { LinkButton } from "@/components/ui/link-button";
import { ProblemState } from "@/components/ui/problem";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { useJob } from "@/entities/job/use-job";
import { JobPage } from "./job-page";
import { useChain } from "./use-chain";

/** One job, live, from the first step to an answer one can trust. */
export function JobView({ id }: { id: string }) {
  const t = useTranslations("job");
  const { data: job, error, refetch, isFetching } = useJob(id);
  const facts = useChain(job);
  if (job && facts.isComplete) return <JobPage key={id} job={job} {...facts} />;
  if (job || !error) return <JobSkeleton />;
  const isGone = error.status === 404;
  return (
    <Page title={t(isGone ? "gone.title" : "page")}>
      <Crumb label={id} />
      <ProblemState
        problem={error}
        onRetry={isGone ? undefined : () => void refetch()}
        retrying={isFetching}
        action={
          isGone && (
            <LinkButton size="sm" href="/training">
              {t("gone.list")}
            </LinkButton>
          )
        }
      />
    </Page>
  );
}

function JobSkeleton() {
  const t = useTranslations("job");
  return (
    <Page title={t("page")} description={<span className="invisible">{t("page")}</span>}>
      <Loading className="grid gap-3">
        <Skeleton className="h-17 rounded-lg" />
        <Skeleton className="h-16 rounded-none" />
        <Skeleton className="h-9 rounded-none bg-transparent" />
        <div className="grid gap-3 lg:grid-cols-[2fr_1fr]">
          <Skeleton className="h-95 rounded-lg" />
          <Skeleton className="h-95 rounded-lg" />
        </div>
      </Loading>
    </Page>
  );
}
