import { cn } from "@/lib/cn";

interface MeterProps {
  /** What is measured, for those who listen. */
  label: string;
  /** From 0 to 1; null where nothing was measured. */
  value: number | null;
  /** The value in words, where the share alone says too little. */
  text?: string;
  tone?: "ai" | "caution" | "bad";
  className?: string;
}

const TONE = { ai: "bg-ai", caution: "bg-caution-mark", bad: "bg-bad-mark" } as const;

/** How full something is: a small bar. Its words stand beside it. */
export function Meter({ label, value, text, tone = "ai", className }: MeterProps) {
  const share = value === null ? 0 : Math.min(1, Math.max(0, value));
  return (
    <span
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      aria-valuetext={text}
      className={cn("block h-1 shrink-0 overflow-hidden rounded-full bg-line weak:w-11.5", className)}
    >
      <span
        className={cn("block h-full origin-left rounded-full transition-transform duration-500 ease-out", TONE[tone])}
        style={{ transform: `translateX(${(share - 1) * 100}%)` }}
      />
    </span>
  );
}
