"use client";

import { useLocale, useTranslations } from "next-intl";

import { StateMark } from "@/components/ui/state-badge";
import { useRecipeBook } from "@/entities/recipe/queries";
import { cn } from "@/lib/cn";

import { type Chain, lastTries } from "./chain";

const TONE = {
  pending: "text-ink-3",
  queued: "text-ink-3",
  running: "text-ai-strong",
  completed: "text-ink-3",
  failed: "text-bad",
  cancelled: "text-ink-3",
} as const;

/** What follows a training, each with the mark of its state: `変換 ✓ · 検査 ●`. */
export function ChainMarks({ chain }: { chain: Chain }) {
  const t = useTranslations("training");
  const states = useTranslations("states.job");
  const titleOf = useStageWords();
  if (chain.stages.length === 0) return null;
  return (
    <ol aria-label={t("stages.label")} className="flex shrink-0 items-center gap-2.5">
      {lastTries(chain.stages).map((stage) => (
        <li key={stage.id} className={cn("flex shrink-0 items-center gap-1", TONE[stage.state])} title={states(stage.state)}>
          <StateMark state={stage.state} />
          {titleOf(stage.recipe)}
          <span className="sr-only">{states(stage.state)}</span>
        </li>
      ))}
    </ol>
  );
}

/** A short word for a step of the chain. */
export function useStageWords(): (recipe: string) => string {
  const locale = useLocale();
  const book = useRecipeBook();
  return (recipe) => book.of(recipe)?.short[locale] ?? recipe;
}
