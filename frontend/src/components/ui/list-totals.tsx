import { cn } from "@/lib/cn";

/** What a list comes to, with what no page of it shows yet. Its place is kept while nothing is known. */
export function ListTotals({ parts, className }: { parts: readonly (string | false | null | undefined)[]; className?: string }) {
  return (
    <p data-totals className={cn("flex min-h-5 flex-wrap items-center gap-x-3 text-xs text-ink-3 tabular-nums", className)}>
      {parts.filter(Boolean).map((part) => (
        <span key={part || ""}>{part}</span>
      ))}
    </p>
  );
}
