import type { CourseTextOut, GoalOut, GoalProgress, SectionOut } from "@/lib/api/generated/types.gen";

/** A goal and how it stands with it; `progress` null while that is not known. */
export interface StandingGoal extends GoalOut {
  progress: GoalProgress | null;
}

/** `reading`: nothing is to be done there. `next`: the first that is not done. */
export type SectionState = "reading" | "done" | "next" | "open";

export interface StandingSection extends SectionOut {
  goals: readonly StandingGoal[];
  state: SectionState;
}

export interface Standing {
  sections: readonly StandingSection[];
  /** Sections in which something is to be done, as they are listed: a section may have several goals. */
  done: number;
  total: number;
  /** Where to go on; null where all is done, or nothing is known. */
  next: StandingSection | null;
}

/** The sections of a course with their goals, by what is seen of them. */
export function standingOf(course: Pick<CourseTextOut, "sections" | "goals">, progress: readonly GoalProgress[] | null): Standing {
  const known = new Map(progress?.map((one) => [one.name, one]));
  const goals = course.goals.map((goal): StandingGoal => ({ ...goal, progress: known.get(goal.name) ?? null }));
  const isDone = (goal: StandingGoal) => Boolean(goal.progress?.ticked_by);
  let next: StandingSection | null = null;
  const sections = course.sections.map((section): StandingSection => {
    const own = goals.filter(({ anchor }) => anchor === section.anchor);
    if (own.length === 0) return { ...section, goals: own, state: "reading" };
    if (own.every(isDone)) return { ...section, goals: own, state: "done" };
    const isNext = next === null && progress !== null;
    const standing: StandingSection = { ...section, goals: own, state: isNext ? "next" : "open" };
    if (isNext) next = standing;
    return standing;
  });
  const steps = sections.filter(({ state }) => state !== "reading");
  return { sections, done: steps.filter(({ state }) => state === "done").length, total: steps.length, next };
}
