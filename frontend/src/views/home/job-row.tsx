"use client";

import { useLocale, useTranslations } from "next-intl";

import { PersonsName } from "@/components/ui/persons-name";
import { Link } from "@/components/ui/link";
import { Progress } from "@/components/ui/progress";
import { durationS } from "@/entities/job/job-time";
import { notFinite } from "@/entities/job/figures";
import { JobBadge } from "@/entities/job/job-badge";
import { MainCurve } from "@/entities/job/main-curve";
import { shareOf } from "@/entities/job/progress";
import { useProgressWords } from "@/entities/job/use-progress-words";
import { useRecipeTitles } from "@/entities/job/use-job-names";
import { useRecipeBook } from "@/entities/recipe/queries";
import type { JobOut } from "@/lib/api/generated/types.gen";
import { isFinal } from "@/lib/live/reducer";
import { useFormat } from "@/lib/use-format";

import { jobPage } from "@/lib/routes";

/** One job in two lines: name and state, then how far it is; its main figure at the right. */
export function JobRow({ job }: { job: JobOut }) {
  const format = useFormat();
  const locale = useLocale();
  const main = useRecipeBook().mainMetric(job.recipe);
  const loss = main && job.latest_metrics[main.name];
  return (
    <li className="relative flex min-h-14 items-center gap-4 px-3.5 py-2 transition-colors hover:bg-hover">
      <div className="min-w-0 grow">
        <div className="flex items-center gap-2">
          <Link
            href={jobPage(job.id)}
            className="min-w-0 truncate font-medium -outline-offset-2 after:absolute after:inset-0 after:rounded-sm"
          >
            <PersonsName>{job.name}</PersonsName>
          </Link>
          <JobBadge job={job} />
        </div>
        {job.state === "running" ? <Running job={job} /> : <Still job={job} />}
      </div>
      <div className="hidden shrink-0 items-center gap-2.5 sm:flex">
        <MainCurve job={job} width={88} height={24} />
        <span className="w-14 text-right whitespace-nowrap">
          {loss && (
            <>
              <span className="sr-only">{main?.title[locale]}</span>
              {notFinite(loss) ?? format.metric(loss.value)}
            </>
          )}
        </span>
      </div>
    </li>
  );
}

function Running({ job }: { job: JobOut }) {
  const { doing, left } = useProgressWords()(job);
  return (
    <Progress
      className="mt-1"
      label={useRecipeTitles()(job.recipe)}
      value={shareOf(job)}
      detail={[doing, left].filter(Boolean).join(" · ")}
    />
  );
}

/** Before the beginning or after the end. */
function Still({ job }: { job: JobOut }) {
  const t = useTranslations("home.jobs");
  const format = useFormat();
  const titleOf = useRecipeTitles();
  const time = durationS(job, 0);
  const words = isFinal(job.state)
    ? [job.finished_at && format.relative(job.finished_at), time !== null && t("took", { time: format.duration(time) })]
    : [titleOf(job.recipe), t("since", { time: format.relative(job.created_at) })];
  return <p className="truncate text-xs text-ink-3">{words.filter(Boolean).join(" · ")}</p>;
}
