"use client";

import { useTranslations } from "next-intl";
import { lazy, memo, Suspense, useMemo } from "react";

import { Crumb } from "@/components/layout/crumb";
import { Page } from "@/components/layout/page";
import { Card } from "@/components/ui/card";
import { LinkButton } from "@/components/ui/link-button";
import { ProblemNote, ProblemState } from "@/components/ui/problem";
import { Progress } from "@/components/ui/progress";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { useCourse, useCourseProgress } from "@/entities/course/queries";
import { type Standing, standingOf } from "@/entities/course/standing";
import type { CourseTextOut } from "@/lib/api/generated/types.gen";
import { coursePage } from "@/lib/routes";

import { Contents } from "./contents";
import { CourseLevel } from "./level";
import { useAnnouncedTicks } from "./use-announced-ticks";

/** The renderer of Markdown comes after the page, which the server has drawn with it. */
const CourseText = lazy(() => import("./course-text").then((module) => ({ default: memo(module.CourseText) })));

/** A course to read and to do, with what is seen done. */
export function CourseView({ level }: { level: number }) {
  const course = useCourse(level);
  const progress = useCourseProgress(level, course.data !== undefined);
  const goals = progress.data?.goals ?? null;
  const standing = useMemo(() => (course.data ? standingOf(course.data, goals) : null), [course.data, goals]);
  const said = useAnnouncedTicks(standing);
  return (
    <CourseLevel value={level}>
      {course.data && standing ? (
        <OpenCourse course={course.data} standing={standing} problem={progress.error ?? course.error} />
      ) : (
        <NoCourse problem={course.error} onRetry={() => void course.refetch()} retrying={course.isFetching} />
      )}
      <p role="status" className="sr-only">
        {said}
      </p>
    </CourseLevel>
  );
}

interface OpenCourseProps {
  course: CourseTextOut;
  standing: Standing;
  /** Why it is not known what is done now, or whether the text is the newest. */
  problem: unknown;
}

function OpenCourse({ course, standing, problem }: OpenCourseProps) {
  const t = useTranslations("course");
  const l = useTranslations("learn");
  const { done, total, next } = standing;
  return (
    <Page
      title={course.title}
      description={`${l("for", { audience: course.audience })} · ${l("minutes", { count: course.minutes })}`}
      actions={
        next && (
          <LinkButton href={coursePage(course.level, next.anchor)} variant="primary" className="max-w-full truncate">
            {t("next", { title: next.title })}
          </LinkButton>
        )
      }
    >
      <Crumb label={course.title} />
      <div className="grid items-start gap-x-8 gap-y-4 lg:grid-cols-[minmax(0,46rem)_minmax(13rem,20rem)] lg:justify-between">
        <aside className="lg:order-last lg:sticky lg:top-16 lg:max-h-[calc(100dvh-5rem)] lg:overflow-y-auto">
          <Card>
            <Progress label={l("progress")} value={total > 0 ? done / total : 0} tone={done === total ? "good" : "ai"} detail={l("done", { done, total })} />
            <ProblemNote problem={problem} className="mt-2" />
            <div className="-mx-2 mt-3 max-lg:hidden">
              <Contents standing={standing} />
            </div>
            <details className="mt-2.5 lg:hidden">
              <summary className="cursor-pointer rounded-sm text-ink-2">{t("contents")}</summary>
              <div className="-mx-2 mt-1.5">
                <Contents standing={standing} />
              </div>
            </details>
          </Card>
        </aside>
        <article className="min-w-0">
          <Suspense fallback={<TextSkeleton />}>
            <CourseText course={course} standing={standing} />
          </Suspense>
        </article>
      </div>
    </Page>
  );
}

function NoCourse({ problem, onRetry, retrying }: { problem: unknown; onRetry: () => void; retrying: boolean }) {
  const t = useTranslations("course");
  const l = useTranslations("learn");
  if (!problem) {
    return (
      <Page title={<span className="sr-only">{t("loading")}</span>}>
        <TextSkeleton />
      </Page>
    );
  }
  return (
    <Page title={l("title")}>
      <ProblemState
        problem={problem}
        onRetry={onRetry}
        retrying={retrying}
        action={
          <LinkButton size="sm" href="/learn">
            {t("toList")}
          </LinkButton>
        }
      />
    </Page>
  );
}

const LINES = ["w-full", "w-11/12", "w-full", "w-3/4"];

function TextSkeleton() {
  return (
    <Loading className="grid gap-2.5">
      {LINES.map((width, place) => (
        <Skeleton key={place} className={width} />
      ))}
    </Loading>
  );
}
