import type { TokenPiece } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";

import { segmentsOf } from "./token-view";

export const TRAINED = "bg-good-soft underline decoration-good-mark decoration-2 underline-offset-[3px]";

/** A text as the model sees it: marks of the template in grey, what is learnt underlined in green. */
export function TokenText({ pieces }: { pieces: readonly TokenPiece[] }) {
  return (
    <p translate="no" className="font-mono text-xs leading-6 [overflow-wrap:anywhere] whitespace-pre-wrap">
      {segmentsOf(pieces).map((segment, place) => (
        <span
          key={place}
          className={cn(segment.mark && !segment.trained ? "text-ink-3" : "text-ink", segment.trained && TRAINED)}
        >
          {segment.text}
          {segment.ends && "\n"}
        </span>
      ))}
    </p>
  );
}
