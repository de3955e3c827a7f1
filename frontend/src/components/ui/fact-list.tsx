import type { ReactNode } from "react";

import { cn } from "@/lib/cn";

interface FactListProps {
  /** In a card without space around its content: to its edges. There names give way to values. */
  isFlush?: boolean;
  isSmall?: boolean;
  className?: string;
  children: ReactNode;
}

/** Names and their values, one a line, a hairline between them. */
export function FactList({ isFlush, isSmall, className, children }: FactListProps) {
  return (
    <dl data-flush={isFlush ? "" : undefined} className={cn("group/facts divide-y", isFlush && "border-t *:px-3.5", isSmall && "text-xs *:min-h-7", className)}>
      {children}
    </dl>
  );
}

export type FactTone = keyof typeof TONE;

const TONE = { plain: "", good: "text-good", caution: "text-caution", bad: "text-bad" } as const;

interface FactProps {
  name: ReactNode;
  /** Beside the name, in smaller words. */
  hint?: ReactNode;
  tone?: FactTone;
  /** Under both, in the whole width. */
  more?: ReactNode;
  children: ReactNode;
}

export function Fact({ name, hint, tone = "plain", more, children }: FactProps) {
  return (
    <div className={cn("flex items-center justify-between gap-x-4 py-1 weak:min-h-8", more && "flex-wrap")}>
      <dt className="shrink-0 text-ink-2 group-data-flush/facts:min-w-12 group-data-flush/facts:shrink-99">
        {name}
        {hint && <span className="ml-2 text-xs text-ink-3">{hint}</span>}
      </dt>
      <dd className={cn("min-w-0 text-right", TONE[tone])}>{children}</dd>
      {more && <dd className="w-full">{more}</dd>}
    </div>
  );
}
