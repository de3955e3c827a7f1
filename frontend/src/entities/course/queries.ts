import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLocale } from "next-intl";

import { getCourse, getCourseProgress, listCourses, tickCourseGoal, untickCourseGoal } from "@/lib/api/generated/sdk.gen";
import type { Locale } from "@/lib/i18n/locale";

/** What is done in another window is ticked here about as fast as one comes back to it. */
const PROGRESS_EVERY_MS = 4000;
const LIST_EVERY_MS = 10_000;

/** All courses, with how many of their goals are reached. */
export function coursesOptions(language: Locale) {
  return queryOptions({
    queryKey: ["courses", language],
    queryFn: async ({ signal }) => (await listCourses({ query: { language }, signal })).data.data,
    refetchInterval: LIST_EVERY_MS,
  });
}

/** All courses, with how many of their goals are reached. */
export function useCourses() {
  return useQuery(coursesOptions(useLocale()));
}

/** A course to read. */
export function courseOptions(level: number, language: Locale) {
  return queryOptions({
    queryKey: ["course", level, language],
    queryFn: async ({ signal }) => (await getCourse({ path: { level }, query: { language }, signal })).data,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** A course to read, in the page's language. */
export function useCourse(level: number) {
  return useQuery(courseOptions(level, useLocale()));
}

/** How it stands with each goal of a course; looked at again while the page is in sight. */
export function courseProgressOptions(level: number) {
  return queryOptions({
    queryKey: ["course", level, "progress"],
    queryFn: async ({ signal }) => (await getCourseProgress({ path: { level }, signal })).data,
    refetchInterval: PROGRESS_EVERY_MS,
    refetchOnWindowFocus: "always",
  });
}

/** How it stands with each goal of a course; asked for once it is known that there is such a course. */
export function useCourseProgress(level: number, isThere: boolean) {
  return useQuery({ ...courseProgressOptions(level), enabled: isThere });
}

/** The learner says that a goal is reached that nobody sees, or takes that back. */
export function useTick(level: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ goal, done }: { goal: string; done: boolean }) =>
      (await (done ? tickCourseGoal : untickCourseGoal)({ path: { level, goal } })).data,
    onSuccess: (progress) => {
      client.setQueryData(courseProgressOptions(level).queryKey, progress);
      return client.invalidateQueries({ queryKey: ["courses"] });
    },
  });
}
