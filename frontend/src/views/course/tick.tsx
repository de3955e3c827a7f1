import { Check, Circle, CircleDot } from "lucide-react";

import { cn } from "@/lib/cn";

const MARK = { done: Check, atWork: CircleDot, open: Circle } as const;
const TONE = { done: "text-good", atWork: "animate-pulse-dot text-ai", open: "text-ink-3" } as const;

/** The state of a goal as a shape of its own, and for those who listen as a word. */
export function Tick({ state, word, className }: { state: keyof typeof MARK; word: string; className?: string }) {
  const Mark = MARK[state];
  return (
    <span role="img" aria-label={word} className={cn("relative top-[0.2em] grid size-4 shrink-0 place-items-center", TONE[state], className)}>
      <Mark className={state === "done" ? "size-4" : "size-3.5"} strokeWidth={state === "done" ? 2.5 : 1.75} aria-hidden />
    </span>
  );
}
