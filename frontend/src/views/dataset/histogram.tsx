"use client";

import { useTranslations } from "next-intl";

import type { LengthBin } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/use-format";

import { barsOf, lineAt, mergedBins, ticksOf } from "./histogram-shape";
import type { TokenRange } from "@/entities/dataset/token-range";

const MOST_BARS = 12; // so that each is wide enough for a finger

interface HistogramProps {
  bins: readonly LengthBin[];
  max: number;
  chosen: TokenRange | null;
  onChoose: (range: TokenRange | null) => void;
}

/** How many rows are how long; the line stands where training cuts. A bar is a button that filters the rows. */
export function Histogram({ bins, max, chosen, onChoose }: HistogramProps) {
  const t = useTranslations("dataset.lengths");
  const format = useFormat();
  const line = lineAt(bins, max);
  return (
    <div className="select-none">
      <div role="group" aria-label={t("chart")} className="relative flex h-36 items-stretch gap-px border-b border-line-strong">
        {barsOf(mergedBins(bins, MOST_BARS), max).map(({ bin, height, beyond }) => {
          const range = { first: bin.first_tokens, last: bin.last_tokens };
          const pressed = chosen?.first === range.first && chosen.last === range.last;
          const name = t("bar", {
            first: format.number(range.first),
            last: format.number(range.last),
            rows: bin.rows,
          });
          return (
            <button
              key={bin.first_tokens}
              type="button"
              aria-pressed={pressed}
              disabled={bin.rows === 0}
              aria-label={name}
              title={name}
              onClick={() => onChoose(pressed ? null : range)}
              className="group relative z-10 flex min-w-0 flex-1 items-end rounded-t-sm hover:bg-hover disabled:hover:bg-transparent aria-pressed:bg-ai-soft"
            >
              <span
                style={{ height: `${height}%` }}
                className={cn(
                  "w-full rounded-t-[2px] transition-[height,opacity]",
                  beyond ? "bg-caution-mark" : "bg-ai",
                  chosen && !pressed && "opacity-45 group-hover:opacity-80",
                  bin.rows > 0 && "min-h-0.5",
                )}
              />
            </button>
          );
        })}
        {line !== null && (
          <div aria-hidden style={{ left: `${line}%` }} className="pointer-events-none absolute inset-y-0 z-20">
            <div className="h-full border-l border-dashed border-caution" />
            <span
              className={cn(
                "absolute top-0 rounded-sm bg-panel px-1 text-2xs whitespace-nowrap text-caution",
                line > 80 ? "right-1" : "left-1",
              )}
            >
              {format.number(max)}
            </span>
          </div>
        )}
      </div>
      <div aria-hidden className="mt-1 flex justify-between text-2xs text-ink-3">
        {ticksOf(bins).map((tick) => (
          <span key={tick}>{format.number(tick)}</span>
        ))}
      </div>
    </div>
  );
}
