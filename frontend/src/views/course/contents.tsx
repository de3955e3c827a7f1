"use client";

import { useTranslations } from "next-intl";

import type { SectionState, Standing } from "@/entities/course/standing";
import { cn } from "@/lib/cn";

import { Tick } from "./tick";

/** The sections, with a tick at those that are done and a mark at the next one. */
export function Contents({ standing }: { standing: Standing }) {
  const t = useTranslations("course");
  return (
    <nav aria-label={t("contents")}>
      <ol className="grid gap-px text-sm">
        {standing.sections.map(({ anchor, title, state }) => (
          <li key={anchor}>
            <a
              href={`#${anchor}`}
              aria-current={state === "next" ? "step" : undefined}
              className={cn(
                "flex items-baseline gap-2 rounded-md px-2 py-1 transition-colors hover:bg-hover",
                state === "next" ? "bg-ai-soft font-medium text-ai-strong" : state === "reading" ? "text-ink-3" : "text-ink-2",
              )}
            >
              <SectionMark state={state} />
              <span className="min-w-0 [word-break:auto-phrase]">{title}</span>
            </a>
          </li>
        ))}
      </ol>
    </nav>
  );
}

function SectionMark({ state }: { state: SectionState }) {
  const t = useTranslations("course.states");
  if (state === "reading") return <span className="size-4 shrink-0" />;
  return <Tick state={state === "done" ? "done" : "open"} word={t(state)} className={state === "next" ? "text-ai" : undefined} />;
}
