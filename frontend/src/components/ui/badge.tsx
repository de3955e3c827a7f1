import { cva, type VariantProps } from "class-variance-authority";
import type { ReactNode } from "react";

import { cn } from "@/lib/cn";

const badgeStyle = cva("inline-flex h-5 shrink-0 items-center gap-1.5 rounded-full px-2 text-xs font-medium whitespace-nowrap", {
  variants: {
    tone: {
      neutral: "bg-hover text-ink-2",
      ai: "bg-ai-soft text-ai-strong",
      good: "bg-good-soft text-good",
      caution: "bg-caution-soft text-caution",
      bad: "bg-bad-soft text-bad",
    },
  },
  defaultVariants: { tone: "neutral" },
});

interface BadgeProps extends VariantProps<typeof badgeStyle> {
  /** A mark before the word, so that the colour is never the only sign. */
  mark?: ReactNode;
  className?: string;
  children: ReactNode;
}

export function Badge({ tone, mark, className, children }: BadgeProps) {
  return (
    <span className={cn(badgeStyle({ tone }), className)}>
      {mark}
      {children}
    </span>
  );
}
