"use client";

import { useLocale, useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { ProblemState } from "@/components/ui/problem";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { notify } from "@/components/ui/toast";
import { useJobEvents } from "@/entities/job/use-job-events";
import type { JobDetail } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import type { JobEvent } from "@/lib/live/messages";
import { useFormat } from "@/lib/use-format";

const DOT = {
  state: "bg-ai",
  checkpoint: "bg-line-strong",
  artifact: "bg-good-mark",
  report: "bg-line-strong",
  failure: "bg-bad-mark",
  finished: "bg-good-mark",
} as const;

/** What happened, the newest first. */
export function EventsTab({ job, isLive }: { job: JobDetail; isLive: boolean }) {
  const t = useTranslations("job.events");
  const { events, isCut, loadEarlier, isLoadingEarlier, error, refetch, isPending } = useJobEvents(job.id, isLive);
  if (error) return <ProblemState problem={error} onRetry={() => void refetch()} />;
  if (isPending) {
    return (
      <Loading className="grid gap-3 pt-2">
        <Skeleton className="w-80 max-w-full" />
        <Skeleton className="w-64 max-w-full" />
        <Skeleton className="w-72 max-w-full" />
      </Loading>
    );
  }
  if (events.length === 0) {
    return (
      <Card>
        <EmptyState title={t("none")} description={t("noneHint")} />
      </Card>
    );
  }
  return (
    <Card title={t("title")} aside={t(isCut ? "countOfLast" : "count", { count: events.length })}>
      <ol className="ml-1 border-l">
        {events.toReversed().map((event) => (
          <EventLine key={event.seq} event={event} />
        ))}
      </ol>
      {loadEarlier && (
        <Button size="sm" variant="quiet" pending={isLoadingEarlier} onClick={() => void loadEarlier().catch(() => notify.bad(t("earlierFailed")))}>
          {t("earlier")}
        </Button>
      )}
    </Card>
  );
}

function EventLine({ event }: { event: JobEvent }) {
  const t = useTranslations("job.events");
  const { dateTime, clock } = useFormat();
  const { type } = event.body;
  const dot = type in DOT ? DOT[type as keyof typeof DOT] : "bg-line-strong";
  return (
    <li className="relative flex flex-wrap items-baseline gap-x-3 py-1 pl-4">
      <span aria-hidden className={cn("absolute top-2.5 -left-[4.5px] size-2 rounded-full ring-2 ring-panel", dot)} />
      <time dateTime={event.at} title={dateTime(event.at)} className="text-xs text-ink-3">{clock(event.at)}</time>
      <span className={cn("min-w-0", type === "failure" && "text-bad")}>{useEventWords(event)}</span>
      {event.epoch > 1 && <span className="text-xs text-ink-3">{t("epoch", { count: event.epoch })}</span>}
    </li>
  );
}

function useEventWords({ body }: JobEvent): string {
  const t = useTranslations("job.events");
  const states = useTranslations("states.job");
  const locale = useLocale();
  const { bytes, number } = useFormat();
  switch (body.type) {
    case "state":
      return body.failure
        ? t("stateFailure", { state: states(body.state), why: body.failure[locale] })
        : t("state", { state: states(body.state) });
    case "checkpoint":
      return t("checkpoint", { step: number(body.step), size: bytes(body.size_bytes), hash: body.sha256.slice(0, 8) });
    case "artifact":
      return t("artifact", { name: body.name, size: bytes(body.size_bytes) });
    case "report":
      return t("report", { name: t(`reports.${isKnownReport(body.name) ? body.name : "other"}`) });
    case "failure":
      return body[locale];
    case "finished":
      return t("finished");
    default:
      return t("other");
  }
}

const REPORTS = ["ledger", "gates", "seal", "pull", "forgetting"] as const;

function isKnownReport(name: string): name is (typeof REPORTS)[number] {
  return REPORTS.some((one) => one === name);
}
