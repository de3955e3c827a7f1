"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";

import { PersonsName } from "@/components/ui/persons-name";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { Link } from "@/components/ui/link";
import { ProblemState } from "@/components/ui/problem";
import { StateBadge } from "@/components/ui/state-badge";
import { shortName } from "@/entities/chat/choose";
import { useRecipeTitles } from "@/entities/job/use-job-names";
import type { JobOut } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";
import { jobPage } from "@/lib/routes";

import { DeleteJobDialog } from "./delete-job-dialog";
import { type JobFiles, useJobFiles } from "./use-job-files";
import { WaitingLines } from "./waiting-lines";

/** What jobs that have ended still keep on the disk, and how to be rid of it. */
export function JobFilesCard() {
  const t = useTranslations("system.files");
  const { rows, hasMore, loadMore, isLoadingMore, problem, retry } = useJobFiles();
  const [doomed, setDoomed] = useState<JobFiles | null>(null);
  return (
    <Card flush title={t("title")} aside={t("hint")}>
      {!rows && !problem && <WaitingLines count={4} />}
      {!rows && problem && <ProblemState problem={problem} onRetry={retry} className="m-3.5 mt-1" />}
      {rows?.length === 0 && <EmptyState className="py-8" title={t("empty")} />}
      {rows && rows.length > 0 && (
        <ul className="divide-y border-t">
          {rows.map((row) => (
            <FilesLine key={row.job.id} row={row} onDelete={() => setDoomed(row)} />
          ))}
        </ul>
      )}
      {hasMore && (
        <div className="border-t px-3.5 py-2">
          <Button size="sm" variant="quiet" onClick={loadMore} pending={isLoadingMore}>
            {t("more")}
          </Button>
        </div>
      )}
      <DeleteJobDialog files={doomed} onClose={() => setDoomed(null)} />
    </Card>
  );
}

function FilesLine({ row: { job, files }, onDelete }: { row: JobFiles; onDelete: () => void }) {
  const t = useTranslations("system.files");
  const format = useFormat();
  const needed = files?.needs[0];
  return (
    <li className="flex min-h-14 items-center gap-3 px-3.5 py-2">
      <div className="min-w-0 grow">
        <div className="flex items-center gap-2">
          <Link href={jobPage(job.id)} className="min-w-0 truncate rounded-sm hover:text-ai-strong">
            <PersonsName>{job.name}</PersonsName>
          </Link>
          <StateBadge state={job.state} />
        </div>
        <p className="truncate text-xs text-ink-3">
          <Words job={job} />
        </p>
        {needed && <p className="truncate text-xs text-caution">{t("needed", { name: shortName(needed.name) })}</p>}
      </div>
      <span className="w-18 text-right whitespace-nowrap">{format.bytes(files?.size_bytes)}</span>
      <Button size="sm" variant="danger" aria-haspopup="dialog" disabled={needed !== undefined} onClick={onDelete} aria-label={t("deleteOf", { name: job.name })}>
        {t("delete")}
      </Button>
    </li>
  );
}

function Words({ job }: { job: JobOut }) {
  const format = useFormat();
  const titleOf = useRecipeTitles();
  return [titleOf(job.recipe), job.finished_at && format.relative(job.finished_at)].filter(Boolean).join(" · ");
}
