"use client";

import { Download } from "lucide-react";
import dynamic from "next/dynamic";
import { useLocale, useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";

import { Button } from "@/components/ui/button";
import { buttonStyle } from "@/components/ui/button-style";
import { Card } from "@/components/ui/card";
import { Link } from "@/components/ui/link";
import { LinkButton } from "@/components/ui/link-button";
import { PersonsName } from "@/components/ui/persons-name";
import { Progress } from "@/components/ui/progress";
import { StateBadge } from "@/components/ui/state-badge";
import { shortName } from "@/entities/chat/choose";
import { shareOf, shareOfWork } from "@/entities/job/progress";
import { DeploymentBadge } from "@/entities/model/deployment-badge";
import { useEngineName } from "@/entities/model/engine-badge";
import { useDeployments } from "@/entities/model/queries";
import { useRecipeBook } from "@/entities/recipe/queries";
import { useApiLink } from "@/lib/api/address";
import type { ArtifactOut, DeploymentOut, JobDetail } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { jobPage, tryPage } from "@/lib/routes";
import { useFormat } from "@/lib/use-format";
import { type Row, rowsOf } from "./outputs";
import { MOST_DEPLOYMENTS } from "./reads";
import { useOutputName } from "./use-output-name";

const MakeDialog = dynamic(() => import("./make-dialog").then((loaded) => loaded.MakeDialog), { ssr: false });

interface OutputsCardProps {
  training: JobDetail;
  jobs: readonly JobDetail[];
}

/** What has been made of a finished training, what is being made, and the way to make more of it. */
export function OutputsCard({ training, jobs }: OutputsCardProps) {
  const t = useTranslations("job.outputs");
  const [isAsking, setAsking] = useState(false);
  const { deployments } = useDeployments({ training_job_id: training.id }, MOST_DEPLOYMENTS);
  const rows = rowsOf(training, jobs, deployments, useRecipeBook());
  return (
    <Card
      title={t("title")}
      aside={
        <Button size="sm" aria-haspopup="dialog" aria-expanded={isAsking} onClick={() => setAsking(true)}>
          {t("make")}
        </Button>
      }
    >
      <ul>
        {rows.map((row) => (
          <li key={row.key} className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-0.5 border-b py-1 last:border-b-0">
            <OutputRow row={row} />
          </li>
        ))}
      </ul>
      {isAsking && <MakeDialog training={training} jobs={jobs} deployments={deployments} onClose={() => setAsking(false)} />}
    </Card>
  );
}

function OutputRow({ row }: { row: Row }) {
  const t = useTranslations("job.outputs");
  const nameOf = useOutputName();
  switch (row.kind) {
    case "adapter":
      return <FileLine title={t("adapter")} file={row.file} />;
    case "file":
      return <FileLine title={nameOf(row.output)} file={row.file} />;
    case "deployment":
      return <DeploymentLine deployment={row.deployment} />;
    case "work":
      return <WorkLine title={nameOf(row.output)} job={row.job} />;
    case "failure":
      return <FailureLine title={nameOf(row.output)} job={row.job} />;
  }
}

function Title({ children }: { children: ReactNode }) {
  return <span className="min-w-0 flex-1 basis-48">{children}</span>;
}

function FileLine({ title, file }: { title: string; file: ArtifactOut }) {
  const t = useTranslations("job.files");
  const { bytes } = useFormat();
  const linkTo = useApiLink();
  return (
    <>
      <Title>{title}</Title>
      <span className="text-xs text-ink-3">{bytes(file.size_bytes)}</span>
      {file.download_url ? (
        <a href={linkTo(file.download_url)} download aria-label={t("downloadOne", { name: title })} className={cn(buttonStyle({ variant: "quiet", size: "sm" }))}>
          <Download aria-hidden />
          {t("download")}
        </a>
      ) : (
        <span className="text-xs text-ink-3">{t("soon")}</span>
      )}
    </>
  );
}

function DeploymentLine({ deployment }: { deployment: DeploymentOut }) {
  const nameOf = useEngineName();
  const t = useTranslations("job.outputs");
  return (
    <>
      <Title>
        <span translate="no">{nameOf(deployment.target)}</span> · <PersonsName className="font-medium">{shortName(deployment.name)}</PersonsName>
      </Title>
      <DeploymentBadge deployment={deployment} />
      {deployment.state === "ready" && (
        <LinkButton size="sm" variant="quiet" href={tryPage(deployment)}>
          {t(deployment.predictor ? "try" : "chat")}
        </LinkButton>
      )}
      {(deployment.state === "changed" || deployment.state === "gone") && (
        <LinkButton size="sm" variant="quiet" href="/models">
          {t("models")}
        </LinkButton>
      )}
    </>
  );
}

function WorkLine({ title, job }: { title: string; job: JobDetail }) {
  const { percent } = useFormat();
  const done = shareOfWork(job, useRecipeBook());
  return (
    <>
      <Title>
        <Link href={jobPage(job.id)} className="underline-offset-3 hover:underline">
          {title}
        </Link>
      </Title>
      {job.state === "running" && <Progress label={title} value={shareOf(job)} className="w-24" />}
      <StateBadge state={job.state} detail={done === null ? undefined : percent(done)} />
    </>
  );
}

function FailureLine({ title, job }: { title: string; job: JobDetail }) {
  const locale = useLocale();
  return (
    <>
      <Title>
        <Link href={jobPage(job.id)} className="underline-offset-3 hover:underline">
          {title}
        </Link>
      </Title>
      <StateBadge state={job.state} />
      {job.failure && <p className="basis-full text-xs text-pretty text-bad">{job.failure[locale]}</p>}
    </>
  );
}
