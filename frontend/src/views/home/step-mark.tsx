import { StateMark } from "@/components/ui/state-badge";
import { cn } from "@/lib/cn";

import type { StepState } from "./flow";

const MARK = { todo: "pending", active: "running", ready: "completed", failed: "failed" } as const;
const TONE = { todo: "text-ink-3", active: "text-ai", ready: "text-good", failed: "text-bad" } as const;

/** The state of a step as a mark with its word. */
export function StepMark({ state, word }: { state: StepState; word: string }) {
  return (
    <span className={cn("flex shrink-0 items-center gap-1.5 text-xs", TONE[state])}>
      <StateMark state={MARK[state]} />
      {word}
    </span>
  );
}
