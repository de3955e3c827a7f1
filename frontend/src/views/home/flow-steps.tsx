"use client";

import { useTranslations } from "next-intl";
import type { Route } from "next";

import { Link } from "@/components/ui/link";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { cn } from "@/lib/cn";

import { flowOf, type NextAction, STEPS, type StepName, type StepState } from "./flow";
import { NextButton } from "./next-button";
import { StepMark } from "./step-mark";
import { useStepWords } from "./use-step-words";
import type { HomeFacts } from "./use-facts";

const HREF: Record<StepName, Route> = { data: "/datasets", train: "/training", deploy: "/models", chat: "/chat" };

interface FlowStepsProps {
  facts: HomeFacts | null;
  /** Where what stands below is the next thing to do. */
  hideNext?: boolean;
}

/** The four steps with the state of each, and at one of them the next thing to do. */
export function FlowSteps({ facts, hideNext }: FlowStepsProps) {
  const t = useTranslations("home.steps");
  const flow = facts && flowOf(facts);
  const wordsOf = useStepWords(facts);
  return (
    <ol
      aria-label={t("label")}
      className="grid divide-y rounded-lg border bg-panel sm:grid-cols-2 sm:max-lg:[&>li:nth-child(2)]:border-t-0 sm:max-lg:[&>li:nth-child(even)]:border-l lg:grid-cols-4 lg:divide-x lg:divide-y-0"
    >
      {STEPS.map((step, index) => (
        <Step
          key={step}
          step={step}
          number={index + 1}
          state={flow?.states[step] ?? "todo"}
          next={flow?.next.at === step ? flow.next : null}
          hideNext={hideNext}
          words={flow && wordsOf(step, flow)}
        />
      ))}
    </ol>
  );
}

interface StepProps {
  step: StepName;
  number: number;
  state: StepState;
  next: NextAction | null;
  hideNext?: boolean;
  /** Null while it is not known. */
  words: string | null;
}

function Step({ step, number, state, next, hideNext, words }: StepProps) {
  const t = useTranslations("home.steps");
  return (
    <li aria-current={next ? "step" : undefined} className="relative flex min-w-0 flex-col sm:min-h-28 px-3.5 py-2.5">
      {next && <span aria-hidden className="absolute inset-x-3.5 -top-px h-0.5 bg-ai" />}
      <div className="flex items-center gap-2">
        <h2 className="min-w-0 grow font-semibold">
          <span className={cn("mr-1.5 font-normal", next ? "text-ai" : "text-ink-3")}>{number}</span>
          <Link href={HREF[step]} className="rounded-sm hover:text-ai-strong">
            {t(`${step}.name`)}
          </Link>
        </h2>
        {words !== null && <StepMark state={state} word={step === "chat" && state === "ready" ? t("states.usable") : t(`states.${state}`)} />}
      </div>
      {words === null ? (
        <Loading className="mt-1.5">
          <Skeleton className="h-3.5 w-3/4" />
        </Loading>
      ) : (
        <p className="mt-0.5 line-clamp-2 text-xs text-ink-2">{words}</p>
      )}
      {!hideNext && (
        <div className={cn("mt-auto min-h-9.5 pt-2.5", !next && "max-sm:hidden")}>{next && <NextButton next={next} />}</div>
      )}
    </li>
  );
}
