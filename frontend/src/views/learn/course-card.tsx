"use client";

import { Check, Clock } from "lucide-react";
import { useTranslations } from "next-intl";

import { LinkButton } from "@/components/ui/link-button";
import { Link } from "@/components/ui/link";
import { Progress } from "@/components/ui/progress";
import type { CourseOut } from "@/lib/api/generated/types.gen";
import { coursePage } from "@/lib/routes";

/** For whom a course is, how long it takes, how far one is, and the one way on. */
export function CourseCard({ course }: { course: CourseOut }) {
  const t = useTranslations("learn");
  const { level, title, audience, minutes, goals_done: done, goals_total: total } = course;
  const isFinished = total > 0 && done >= total;
  const way = isFinished ? "again" : done > 0 ? "resume" : "start";
  return (
    <section className="flex min-w-0 flex-col rounded-lg border bg-panel px-4 pt-3.5 pb-4">
      <h2 className="text-lg font-semibold text-balance [word-break:auto-phrase]">
        <Link href={coursePage(level)} className="rounded-sm hover:text-ai-strong">
          {title}
        </Link>
      </h2>
      <p className="mt-1.5 text-pretty text-ink-2">{t("for", { audience })}</p>
      <p className="mt-1 mb-4 flex items-center gap-1.5 text-xs text-ink-3">
        <Clock className="size-3.5" strokeWidth={1.75} aria-hidden />
        {t("minutes", { count: minutes })}
      </p>
      <div className="mt-auto grid gap-3.5">
        <Progress label={t("progress")} value={total > 0 ? done / total : 0} tone={isFinished ? "good" : "ai"} detail={t("done", { done, total })} />
        <div className="flex flex-wrap items-center gap-3">
          <LinkButton href={coursePage(level)} variant={way === "resume" ? "primary" : undefined} aria-label={t(`${way}Of`, { title })}>
            {t(way)}
          </LinkButton>
          {isFinished && (
            <span className="flex items-center gap-1.5 text-xs text-good">
              <Check className="size-3.5" aria-hidden />
              {t("finished")}
            </span>
          )}
        </div>
      </div>
    </section>
  );
}
