/** What a list comes to, at its foot: also what no page of it shows yet. Its place is kept while nothing is known. */
export function ListTotals({ parts }: { parts: readonly (string | false | null | undefined)[] }) {
  return (
    <p data-totals className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-0.5 border-t px-3.5 py-2 text-xs text-ink-3 tabular-nums">
      {parts.filter(Boolean).map((part) => (
        <span key={part || ""}>{part}</span>
      ))}
    </p>
  );
}
