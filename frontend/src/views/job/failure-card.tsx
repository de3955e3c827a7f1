"use client";

import { useLocale, useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { ErrorState } from "@/components/ui/error-state";
import { LinkButton } from "@/components/ui/link-button";
import { ManualAnchor } from "@/components/ui/manual-anchor";
import { isCuredByToken } from "@/entities/model/hub";
import { useRecipeBook } from "@/entities/recipe/queries";
import type { JobDetail } from "@/lib/api/generated/types.gen";
import { pageOfCode } from "@/lib/manual";
import { HUB_ACCESS, jobPage, newTraining } from "@/lib/routes";

interface FailureCardProps {
  job: JobDetail;
  /** The job of the chain that failed: this one, or one behind it. */
  failed: JobDetail;
  canResume: boolean;
  isResuming: boolean;
  onResume: () => void;
  onLog: () => void;
}

/** Why it failed, what helps, and the buttons for it. */
export function FailureCard({ job, failed, canResume, isResuming, onResume, onLog }: FailureCardProps) {
  const t = useTranslations("job.failure");
  const locale = useLocale();
  const book = useRecipeBook();
  const { failure } = failed;
  if (!failure) return null;
  const changesHelp = failure.failure_class !== "infrastructure" && book.trains(job.recipe);
  return (
    <ErrorState
      className="mb-3"
      title={t(`classes.${failure.failure_class}`)}
      detail={failure[locale]}
      code={failure.code}
      action={
        <>
          {canResume && (
            <Button size="sm" variant={changesHelp ? "secondary" : "primary"} pending={isResuming} onClick={onResume}>
              {t("resume")}
            </Button>
          )}
          {changesHelp && failed.id === job.id && (
            <LinkButton size="sm" variant="primary" href={newTraining({ from: job.id })}>
              {t("change")}
            </LinkButton>
          )}
          {failed.id === job.id ? (
            <Button size="sm" onClick={onLog}>
              {t("log")}
            </Button>
          ) : (
            <LinkButton size="sm" href={jobPage(failed.id)}>
              {t("failedJob")}
            </LinkButton>
          )}
          {isCuredByToken(failure.code) && (
            <LinkButton size="sm" href={HUB_ACCESS}>
              {t("token")}
            </LinkButton>
          )}
          {failure.failure_class === "disk_full" && (
            <LinkButton size="sm" href="/system">
              {t("disk")}
            </LinkButton>
          )}
          <ManualAnchor page={pageOfCode(failure.code, locale)} />
        </>
      }
    />
  );
}
