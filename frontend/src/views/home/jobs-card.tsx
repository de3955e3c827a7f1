"use client";

import { useTranslations } from "next-intl";

import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { Link } from "@/components/ui/link";
import { LinkButton } from "@/components/ui/link-button";
import { Loading, Skeleton } from "@/components/ui/skeleton";

import { JobRow } from "./job-row";
import { newTraining } from "@/lib/routes";
import type { HomeFacts } from "./use-facts";

const ROWS = 6;

/** Jobs at work, then the newest trainings that have ended. */
export function JobsCard({ facts }: { facts: HomeFacts | null }) {
  const t = useTranslations("home.jobs");
  return (
    <Card
      flush
      title={t("title")}
      aside={
        <Link href="/training" className="rounded-sm hover:text-ink">
          {t("all")}
        </Link>
      }
    >
      {facts ? <Rows facts={facts} /> : <Waiting />}
    </Card>
  );
}

function Rows({ facts }: { facts: HomeFacts }) {
  const t = useTranslations("home.jobs");
  const jobs = rowsOf(facts);
  if (jobs.length === 0) {
    const dataset = facts.datasets[0];
    return (
      <EmptyState
        className="py-8"
        title={t("emptyTitle")}
        description={t("emptyDescription")}
        action={dataset && <LinkButton href={newTraining({ dataset: dataset.id })}>{t("start", { name: dataset.name })}</LinkButton>}
      />
    );
  }
  return (
    <ul className="divide-y border-t">
      {jobs.map((job) => (
        <JobRow key={job.id} job={job} />
      ))}
    </ul>
  );
}

/** What runs and what waits its turn stands first; what waits for another job shows with that one. */
export function rowsOf({ open, trainings }: Pick<HomeFacts, "open" | "trainings">) {
  const running = open.filter((job) => job.state === "running");
  const queued = open.filter((job) => job.state === "queued").reverse();
  const known = new Set(open.map((job) => job.id));
  const ended = trainings.filter((job) => !known.has(job.id) && job.state !== "pending");
  return [...running, ...queued, ...ended].slice(0, Math.max(ROWS, running.length));
}

function Waiting() {
  return (
    <Loading className="divide-y border-t">
      {Array.from({ length: 4 }, (_, row) => (
        <div key={row} className="flex h-14 items-center gap-4 px-3.5">
          <Skeleton className="w-1/3" />
          <Skeleton className="ml-auto w-24" />
        </div>
      ))}
    </Loading>
  );
}
