import type { OllamaStatus } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";

const TONE = { running: "text-good", absent: "text-ink-3", failing: "text-caution" } as const;

/** Whether Ollama runs, by shape and colour: a full dot, a ring, a cross. The words stand beside it. */
export function OllamaMark({ state }: { state: OllamaStatus["state"] | undefined }) {
  return (
    <svg
      viewBox="0 0 8 8"
      className={cn("size-2 shrink-0", state === undefined ? "text-ink-3 opacity-50" : TONE[state])}
      fill={state === "running" ? "currentColor" : "none"}
      stroke="currentColor"
      strokeWidth="1.4"
      aria-hidden
    >
      {state === "failing" ? <path d="M1.4 1.4l5.2 5.2M6.6 1.4 1.4 6.6" strokeLinecap="round" /> : <circle cx="4" cy="4" r="3" />}
    </svg>
  );
}
