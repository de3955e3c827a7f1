import { useQueryClient } from "@tanstack/react-query";
import { useLocale, useTranslations } from "next-intl";
import { useEffect } from "react";

import { ErrorState } from "@/components/ui/error-state";
import { LinkButton } from "@/components/ui/link-button";
import { Progress } from "@/components/ui/progress";
import { shareOf } from "@/entities/job/progress";
import { useJob } from "@/entities/job/use-job";
import { isCuredByToken } from "./hub";
import { baseModelsKey } from "./queries";
import { HUB_ACCESS } from "@/lib/routes";
import { useFormat } from "@/lib/use-format";

interface ImportProgressProps {
  jobId: string;
  /** Whoever follows the way out of a refusal leaves what this stands in. */
  onLeave?: () => void;
}

/** How far an import is; in the end what it brought, or why it refused. */
export function ImportProgress({ jobId, onLeave }: ImportProgressProps) {
  const t = useTranslations("models.imports");
  const format = useFormat();
  const locale = useLocale();
  const client = useQueryClient();
  const job = useJob(jobId).data;
  const state = job?.state;
  useEffect(() => {
    if (state === "completed") void client.invalidateQueries({ queryKey: baseModelsKey });
  }, [client, state]);
  if (!job) return null;
  if (job.failure) {
    return (
      <ErrorState
        title={t("failed")}
        detail={job.failure[locale]}
        code={job.failure.code}
        action={
          isCuredByToken(job.failure.code) && (
            <LinkButton size="sm" href={HUB_ACCESS} onClick={onLeave}>
              {t("toToken")}
            </LinkButton>
          )
        }
      />
    );
  }
  if (state === "completed") return <p className="text-good">{t("done", { name: job.name })}</p>;
  if (state === "cancelled") return <p className="text-ink-2">{t("cancelled")}</p>;
  const { progress } = job;
  const detail = progress?.unit === "bytes" ? format.bytesOf(progress.done, progress.total) : "";
  return (
    <Progress
      label={t(state === "running" ? "running" : "waiting")}
      value={shareOf(job)}
      detail={detail}
    />
  );
}
