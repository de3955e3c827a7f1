"use client";

import { useTranslations } from "next-intl";

import { Page } from "@/components/layout/page";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { ProblemState } from "@/components/ui/problem";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { useCourses } from "@/entities/course/queries";

import { CourseCard } from "./course-card";

/** The courses, from the first to the last, and how far one is in each. */
export function LearnView() {
  const t = useTranslations("learn");
  const courses = useCourses();
  const { data } = courses;
  return (
    <Page title={t("title")} description={t("description")}>
      {!data && courses.error && (
        <ProblemState problem={courses.error} onRetry={() => void courses.refetch()} retrying={courses.isFetching} />
      )}
      {!data && courses.isPending && (
        <Loading>
          <div className="grid gap-3 lg:grid-cols-3">
            {[1, 2, 3].map((place) => (
              <Skeleton key={place} className="h-48" />
            ))}
          </div>
        </Loading>
      )}
      {data?.length === 0 && (
        <Card>
          <EmptyState title={t("none")} description={t("noneHint")} />
        </Card>
      )}
      {data && data.length > 0 && (
        <ol className="grid gap-3 lg:grid-cols-3">
          {data.map((course) => (
            <li key={course.level} className="grid">
              <CourseCard course={course} />
            </li>
          ))}
        </ol>
      )}
    </Page>
  );
}
