"use client";

import { Check } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";

import { Link } from "@/components/ui/link";
import { Progress } from "@/components/ui/progress";
import { StateBadge } from "@/components/ui/state-badge";
import { shareOf, shareOfWork } from "./progress";
import { useProgressWords } from "./use-progress-words";
import { useRecipeBook } from "@/entities/recipe/queries";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/use-format";
import { jobPage } from "@/lib/routes";
import type { Step } from "./stage-steps";

/** From the training to a proved answer, each step with its state. */
export function StageStrip({ steps, current, hint }: { steps: readonly Step[]; current: string; hint: string | null }) {
  const t = useTranslations("job.stages");
  return (
    <ol
      aria-label={t("label")}
      className={cn(
        "mb-3 grid overflow-hidden rounded-lg border bg-panel max-md:divide-y md:divide-x",
        steps.length > 1 ? "md:auto-cols-fr md:grid-flow-col" : "",
      )}
    >
      {steps.map((step, place) => (
        <StageBox key={`${step.jobId}:${step.name}`} step={step} place={place} current={current} hint={hint} />
      ))}
    </ol>
  );
}

interface StageBoxProps {
  step: Step;
  place: number;
  current: string;
  hint: string | null;
}

function StageBox({ step, place, current, hint }: StageBoxProps) {
  const locale = useLocale();
  const format = useFormat();
  const title = `${place + 1} ${step.title[locale]}`;
  const share = shareOf(step);
  const done = shareOfWork(step, useRecipeBook());
  const isRunning = step.state === "running";
  return (
    <li aria-current={step.jobId === current ? "step" : undefined} className="min-w-0 px-3.5 pt-2 pb-2.5">
      <div className="flex min-h-5 items-center justify-between gap-2">
        {step.jobId === current ? (
          <span className="truncate font-semibold">{title}</span>
        ) : (
          <Link href={jobPage(step.jobId)} className="truncate font-semibold underline-offset-3 hover:underline">
            {title}
          </Link>
        )}
        <StageMark step={step} detail={done !== null ? format.percent(done) : undefined} />
      </div>
      <p className="mt-0.5 min-h-4.5 truncate text-xs text-ink-3">{useStepWords(step, hint)}</p>
      <div className="mt-1.5 h-1">
        {isRunning && <Progress label={title} value={share} />}
        {step.state === "failed" && <div className="h-1 rounded-full bg-bad-mark" />}
        {step.state === "completed" && <div className="h-1 rounded-full bg-good-mark/45" />}
      </div>
    </li>
  );
}

/** A step that ends before one's eyes ticks once; one that had ended before is just ticked. */
function StageMark({ step, detail }: { step: Step; detail?: string }) {
  const states = useTranslations("states.job");
  const [first] = useState(step.state);
  if (step.state === "completed") {
    return (
      <span
        className={cn(
          "grid size-5 shrink-0 place-items-center rounded-full bg-good-soft text-good",
          first !== "completed" && "transition-[scale,opacity] duration-500 ease-out starting:scale-50 starting:opacity-0",
        )}
      >
        <Check className="size-3" strokeWidth={3} aria-hidden />
        <span className="sr-only">{states("completed")}</span>
      </span>
    );
  }
  return <StateBadge state={step.state} detail={detail} />;
}

function useStepWords(step: Step, hint: string | null): string {
  const t = useTranslations("job.stages");
  const locale = useLocale();
  const wordsOf = useProgressWords();
  const { progress, state, trains } = step;
  if (state === "running" && progress) {
    const { doing, left } = wordsOf(step);
    return [doing, left].filter(Boolean).join(" · ");
  }
  if (state === "completed" && progress?.unit === "steps") return t("steps", { count: progress.done });
  if (state === "completed" && progress?.unit === "prompts") return t("prompts", { count: progress.done });
  if ((state === "queued" || state === "pending") && hint && trains) return hint;
  return step.does[locale];
}
