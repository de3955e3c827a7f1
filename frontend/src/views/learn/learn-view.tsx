"use client";

import { useTranslations } from "next-intl";

import { Page } from "@/components/layout/page";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { QueryBoundary } from "@/components/ui/query-boundary";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { useCourses } from "@/entities/course/queries";

import { CourseCard } from "./course-card";

/** The courses, from the first to the last, and how far one is in each. */
export function LearnView() {
  const t = useTranslations("learn");
  const courses = useCourses();
  return (
    <Page title={t("title")} description={t("description")}>
      <QueryBoundary
        query={courses}
        isEmpty={courses.data?.length === 0}
        problemClassName="mb-3"
        waiting={
          <Loading>
            <div className="grid gap-3 lg:grid-cols-3">
              {[1, 2, 3].map((place) => (
                <Skeleton key={place} className="h-48" />
              ))}
            </div>
          </Loading>
        }
        empty={
          <Card>
            <EmptyState title={t("none")} description={t("noneHint")} />
          </Card>
        }
      >
        <ol className="grid gap-3 lg:grid-cols-3">
          {courses.data?.map((course) => (
            <li key={course.level} className="grid">
              <CourseCard course={course} />
            </li>
          ))}
        </ol>
      </QueryBoundary>
    </Page>
  );
}
