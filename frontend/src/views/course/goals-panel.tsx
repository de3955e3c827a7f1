"use client";

import { useTranslations } from "next-intl";

import { Checkbox } from "@/components/ui/checkbox";
import { LinkButton } from "@/components/ui/link-button";
import { ProblemNote } from "@/components/ui/problem";
import { hrefOf } from "@/entities/course/links";
import { useTick } from "@/entities/course/queries";
import type { StandingGoal, StandingSection } from "@/entities/course/standing";
import { cn } from "@/lib/cn";

import { useCourseLevel } from "./level";
import { Tick } from "./tick";
import { useGoalWords } from "./use-goal-words";

/** What finishes a section: each ticks itself when it is seen done, and leads to the page where it is done. */
export function GoalsPanel({ section }: { section: StandingSection }) {
  const t = useTranslations("course");
  return (
    <section
      aria-label={t("goalsOf", { section: section.title })}
      className={cn("rounded-md border px-3 pt-2 pb-2.5 text-sm [word-break:auto-phrase]", section.state === "next" ? "border-ai bg-ai-soft" : "bg-panel")}
    >
      <p className="text-xs text-ink-3">{t("goals")}</p>
      <ul className="mt-1 grid gap-1">
        {section.goals.map((goal) => (
          <Goal key={goal.name} goal={goal} />
        ))}
      </ul>
    </section>
  );
}

function Goal({ goal }: { goal: StandingGoal }) {
  const t = useTranslations("course");
  const wordsOf = useGoalWords();
  const { progress } = goal;
  const link = progress?.link;
  const { words, settings } = wordsOf(goal);
  return (
    <li className="flex min-h-7 flex-wrap items-center gap-x-3 gap-y-1">
      <span className="min-w-0 grow basis-60">
        {goal.kind === "by_hand" ? <ByHand goal={goal} words={words} /> : <Seen goal={goal} words={words} />}
        {settings && <span className="block pl-6 text-xs text-ink-3">{settings}</span>}
      </span>
      {link && (
        <LinkButton href={hrefOf(link)} size="sm" className="max-sm:ml-6">
          {t(`open.${link.page}`)}
        </LinkButton>
      )}
    </li>
  );
}

function Seen({ goal, words }: { goal: StandingGoal; words: string }) {
  const t = useTranslations("course.states");
  const { progress } = goal;
  const isDone = Boolean(progress?.ticked_by);
  const state = isDone ? "done" : progress?.at_work ? "atWork" : "open";
  return (
    <span className="flex items-baseline gap-2">
      <Tick state={state} word={t(state)} />
      <span className={cn("min-w-0", isDone && "text-ink-2")}>
        {words}
        {state === "atWork" && <span className="ml-2 text-xs text-ai">{t("atWork")}</span>}
      </span>
    </span>
  );
}

/** Nobody sees it: the learner ticks it. */
function ByHand({ goal, words }: { goal: StandingGoal; words: string }) {
  const t = useTranslations("course");
  const tick = useTick(useCourseLevel());
  const isDone = tick.isPending ? tick.variables.done : Boolean(goal.progress?.ticked_by);
  return (
    <>
      <Checkbox
        label={
          <>
            {words}
            {!isDone && <span className="ml-2 text-xs text-ink-3">{t("byHand")}</span>}
          </>
        }
        checked={isDone}
        disabled={goal.progress === null}
        onChange={(done) => tick.mutate({ goal: goal.name, done })}
      />
      <ProblemNote problem={tick.error} />
    </>
  );
}
