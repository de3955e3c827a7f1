import type { ReactNode } from "react";

import type { MarkOut } from "@/lib/api/generated/types.gen";

/** A text with the parts that were searched for. Marks count code points, as the server does. */
export function Marked({ text, marks }: { text: string; marks: readonly MarkOut[] }) {
  const letters = [...text];
  const parts: ReactNode[] = [];
  let at = 0;
  for (const { start, end } of marks) {
    if (start > at) parts.push(letters.slice(at, start).join(""));
    parts.push(
      <mark key={start} className="rounded-xs bg-caution-soft text-inherit">
        {letters.slice(start, end).join("")}
      </mark>,
    );
    at = end;
  }
  parts.push(letters.slice(at).join(""));
  return <>{parts}</>;
}
