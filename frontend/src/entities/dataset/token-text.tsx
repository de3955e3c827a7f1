import type { TokenPiece } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";

import { segmentsOf } from "./token-view";

export const TRAINED = "bg-good-soft underline decoration-good-mark decoration-2 underline-offset-[3px]";
/** It would have been trained. */
const LOST = "line-through decoration-line-strong";

/** A text as the model sees it: marks of the template in grey, what is learnt underlined in green. `isLost`: all in grey, behind a cut. */
export function TokenText({ pieces, isLost = false }: { pieces: readonly TokenPiece[]; isLost?: boolean }) {
  return (
    <p translate="no" className="font-mono text-xs leading-6 [overflow-wrap:anywhere] whitespace-pre-wrap">
      {segmentsOf(pieces).map((segment, place) => (
        <span
          key={place}
          className={cn(isLost || (segment.mark && !segment.trained) ? "text-ink-3" : "text-ink", segment.trained && (isLost ? LOST : TRAINED))}
        >
          {segment.text}
          {segment.ends && "\n"}
        </span>
      ))}
    </p>
  );
}
