import { useTranslations } from "next-intl";

import { type MemoryGroup, memoryShares } from "@/entities/forecast/memory-groups";
import type { MemoryForecast } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/use-format";

export const GROUP_FILL: Readonly<Record<MemoryGroup, string>> = {
  weights: "bg-ai",
  adapter: "bg-good-mark",
  activations: "bg-ai/55",
  libraries: "bg-caution-mark",
  other: "bg-ink-3",
};

/** What the memory holds at its fullest, against what is free. */
export function MemoryBar({ memory }: { memory: MemoryForecast }) {
  const t = useTranslations("newTraining.forecast");
  const format = useFormat();
  const whole = Math.max(memory.free_bytes, memory.peak_bytes, 1);
  const isOver = memory.peak_bytes > memory.free_bytes;
  const label = t(`memory.${memory.device}`, { peak: format.bytes(memory.peak_bytes), free: format.bytes(memory.free_bytes) });
  return (
    <div className="grid gap-1">
      <p className="text-xs text-ink-2">{label}</p>
      <div className="relative flex h-3.5 gap-px overflow-hidden rounded-sm bg-sunk ring-1 ring-line ring-inset" role="img" aria-label={label}>
        {memoryShares(memory.parts).map(({ group, size_bytes }) => (
          <span
            key={group}
            className={cn("h-full min-w-px transition-[width] duration-200 ease-out", GROUP_FILL[group])}
            style={{ width: `${(100 * size_bytes) / whole}%` }}
          />
        ))}
        {isOver && (
          <span
            className="absolute inset-y-0 w-0.5 bg-bad ring-1 ring-panel"
            style={{ left: `${(100 * memory.free_bytes) / whole}%` }}
          />
        )}
      </div>
    </div>
  );
}
