"use client";

import { useLocale, useTranslations } from "next-intl";

import { PersonsName } from "@/components/ui/persons-name";
import { Progress } from "@/components/ui/progress";
import { type Chain, currentOf } from "@/entities/job/chain";
import { useStageWords } from "@/entities/job/chain-marks";
import { shareOf } from "@/entities/job/progress";
import type { QueuePosition } from "@/entities/job/queue-position";
import { durationS, useNow } from "@/entities/job/job-time";
import { useProgressWords } from "@/entities/job/use-progress-words";
import type { JobOut } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

const SECOND_MS = 1000;

export interface RowContext {
  queue: ReadonlyMap<string, QueuePosition>;
  datasets: ReadonlyMap<string, string | null>;
  titleOf: (recipe: string) => string;
  nowMs: number;
}

/** How far a chain is: its place in the line, or a bar with what is done and what is left. */
export function ProgressCell({ chain, queue }: { chain: Chain; queue: RowContext["queue"] }) {
  const t = useTranslations("training.progress");
  const format = useFormat();
  const wordOf = useStageWords();
  const wordsOf = useProgressWords();
  const endedWords = ({ state, progress }: JobOut) => {
    if (progress?.unit !== "steps") return "";
    if (state === "completed") return t("all", { count: progress.done });
    return t("ended", { done: format.number(progress.done), total: format.number(progress.total) });
  };
  const job = currentOf(chain);
  const place = queue.get(job.id);
  const prefix = job.id === chain.job.id ? "" : `${wordOf(job.recipe)} `;
  if (job.state === "queued") {
    return <Quiet>{prefix + (place ? t("place", { place: place.place, length: place.length }) : t("queued"))}</Quiet>;
  }
  if (job.state === "pending") return <Quiet>{prefix + t("pending")}</Quiet>;
  if (job.state !== "running") return <Quiet>{endedWords(chain.job)}</Quiet>;
  if (job.desired !== "run") return <Quiet>{t("stopping")}</Quiet>;
  const { doing, left } = wordsOf(job);
  return <Progress label={prefix + doing} detail={left ?? ""} value={shareOf(job)} />;
}

function Quiet({ children }: { children: string }) {
  return <span className="block truncate text-xs text-ink-3">{children}</span>;
}

/** How long a job ran; counts on while it does. */
export function RunTime({ job }: { job: JobOut }) {
  const format = useFormat();
  const nowMs = useNow(SECOND_MS, job.state === "running");
  return job.started_at ? format.duration(durationS(job, nowMs)) : null;
}

/** Why a chain failed, in a line. */
export function useFailureLine(chain: Chain): string | null {
  const locale = useLocale();
  const job = currentOf(chain);
  return job.state === "failed" && job.failure ? job.failure[locale] : null;
}

/** The data set of a job by its name. */
export function DatasetName({ chain, datasets }: { chain: Chain; datasets: RowContext["datasets"] }) {
  const t = useTranslations("training");
  const id = chain.job.inputs.dataset_id;
  if (!id) return null;
  const name = datasets.get(id);
  return name === null ? <span className="text-ink-3">{t("datasetGone")}</span> : <PersonsName>{name ?? ""}</PersonsName>;
}
