import type { ReactNode } from "react";

import { cn } from "@/lib/cn";

/** Names and their values, one a line. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="divide-y border-t">{children}</dl>;
}

interface FactProps {
  name: ReactNode;
  /** Beside the name, in smaller words. */
  hint?: ReactNode;
  tone?: "plain" | "good" | "caution" | "bad";
  children: ReactNode;
}

const TONE = { plain: "", good: "text-good", caution: "text-caution", bad: "text-bad" } as const;

export function Fact({ name, hint, tone = "plain", children }: FactProps) {
  return (
    <div className="flex min-h-8 items-center justify-between gap-4 px-3.5 py-1">
      <dt className="min-w-12 shrink-99 text-ink-2">
        {name}
        {hint && <span className="ml-2 text-xs text-ink-3">{hint}</span>}
      </dt>
      <dd className={cn("min-w-0 text-right", TONE[tone])}>{children}</dd>
    </div>
  );
}
