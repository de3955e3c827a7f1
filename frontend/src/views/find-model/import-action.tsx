import { Activity, Download } from "lucide-react";
import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { LinkButton } from "@/components/ui/link-button";
import { ProblemNote } from "@/components/ui/problem";
import { useAddBaseModel } from "@/entities/model/add";
import { ImportProgress } from "@/entities/model/import-progress";
import type { JobOut } from "@/lib/api/generated/types.gen";
import { isFinal } from "@/lib/live/reducer";
import { HUB_ACCESS, newTraining } from "@/lib/routes";

import type { FoundBase } from "./base-item";

interface ImportActionProps {
  base: FoundBase;
  /** What brings it in, or failed to. */
  job: JobOut | null;
}

/** One press brings it in; once it is here, the next step is a training with it. */
export function ImportAction({ base, job }: ImportActionProps) {
  const t = useTranslations("find.base");
  const add = useAddBaseModel();
  const { reference, title: name } = base;
  const started = add.data?.kind === "importing" ? add.data.job.id : null;
  const jobId = started ?? job?.id ?? null;
  const isOver = job !== null && job.id === jobId && isFinal(job.state);
  if (base.id !== null || base.is_bundled || add.data?.kind === "known") {
    return (
      <LinkButton variant="primary" className="justify-self-start" href={newTraining({ base: reference })} aria-label={t("trainOf", { name })}>
        <Activity aria-hidden />
        {t("train")}
      </LinkButton>
    );
  }
  return (
    <div className="grid gap-2">
      {base.gated && (
        <p className="text-xs text-pretty text-ink-2">
          {t("gatedMore")}{" "}
          <LinkButton size="sm" variant="quiet" href={HUB_ACCESS}>
            {t("toToken")}
          </LinkButton>
        </p>
      )}
      <div aria-live="polite" className="empty:hidden">
        {jobId && <ImportProgress jobId={jobId} />}
      </div>
      {(!jobId || isOver) && (
        <Button className="justify-self-start" pending={add.isPending} onClick={() => add.mutate(reference)} aria-label={t("importOf", { name })}>
          <Download aria-hidden />
          {t("import")}
        </Button>
      )}
      <ProblemNote problem={add.error} />
    </div>
  );
}
