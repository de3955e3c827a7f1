"use client";

import { useTranslations } from "next-intl";

import type { LengthBin } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/use-format";

import { barsOf, breakOf, mergedBins, placeOf, quantilesOf } from "./histogram-shape";
import type { TokenRange } from "@/entities/dataset/token-range";

const MOST_BARS = 12; // so that each is wide enough for a finger

interface HistogramProps {
  bins: readonly LengthBin[];
  /** As a ledger tells them: `p50` and others. */
  quantiles: Readonly<Record<string, number>>;
  longest: number | null;
  max: number;
  chosen: TokenRange | null;
  onChoose: (range: TokenRange | null) => void;
}

/**
 * How many rows are how long; a line stands where training cuts, thin ones at the lengths that most rows do not exceed. The
 * axis is pressed together behind nearly all rows, and says so. A bar is a button that filters the rows.
 */
export function Histogram({ bins, quantiles, longest, max, chosen, onChoose }: HistogramProps) {
  const t = useTranslations("dataset.lengths");
  const format = useFormat();
  const bars = mergedBins(bins, MOST_BARS);
  const line = placeOf(bars, max);
  const pressed = breakOf(bins, bars);
  const shares = quantilesOf(quantiles);
  const marks = shares.flatMap(({ name, tokens }) => {
    const place = placeOf(bars, tokens);
    return place === null ? [] : [{ name, place }];
  });
  return (
    <div className="select-none">
      <div role="group" aria-label={t("chart")} className="relative flex h-36 items-stretch gap-px border-b border-line-strong">
        {barsOf(bars, max).map(({ bin, height, beyond }) => {
          const range = { first: bin.first_tokens, last: bin.last_tokens };
          const isChosen = chosen?.first === range.first && chosen.last === range.last;
          const name = t("bar", {
            first: format.number(range.first),
            last: format.number(range.last),
            rows: bin.rows,
          });
          return (
            <button
              key={bin.first_tokens}
              type="button"
              aria-pressed={isChosen}
              disabled={bin.rows === 0}
              aria-label={name}
              title={name}
              onClick={() => onChoose(isChosen ? null : range)}
              className="group relative z-10 flex min-w-0 flex-1 items-end rounded-t-sm hover:bg-hover disabled:hover:bg-transparent aria-pressed:bg-ai-soft"
            >
              <span
                style={{ height: `${height}%` }}
                className={cn(
                  "w-full rounded-t-[2px] transition-[height,opacity]",
                  beyond ? "bg-caution-mark" : "bg-ai",
                  chosen && !isChosen && "opacity-45 group-hover:opacity-80",
                  bin.rows > 0 && "min-h-0.5",
                )}
              />
            </button>
          );
        })}
        {pressed !== null && <div aria-hidden style={{ left: `${(100 * pressed.bar) / bars.length}%` }} className="pointer-events-none absolute inset-y-0 z-10 border-l-2 border-dotted border-line-strong" />}
        {marks.map(({ name, place }) => (
          <div key={name} aria-hidden style={{ left: `${place}%` }} className="pointer-events-none absolute inset-y-0 z-10 border-l border-ink-3/60" />
        ))}
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
      <div aria-hidden className="relative mt-1 flex h-4 justify-between text-2xs text-ink-3">
        <span>{format.number(0)}</span>
        {pressed !== null && (
          <span style={{ left: `${(100 * pressed.bar) / bars.length}%` }} className="absolute -translate-x-1/2">
            {format.number(pressed.from)}
          </span>
        )}
        <span>{format.number(bins.at(-1)?.last_tokens ?? 0)}</span>
      </div>
      <dl className="mt-1.5 flex flex-wrap gap-x-3 gap-y-0.5 text-xs text-ink-3 tabular-nums">
        {shares.map(({ name, percent, tokens }) => (
          <div key={name} className="flex gap-1">
            <dt>{percent === 50 ? t("median") : t("share", { percent })}</dt>
            <dd className="text-ink-2">{format.number(tokens)}</dd>
          </div>
        ))}
        {longest !== null && (
          <div className="flex gap-1">
            <dt>{t("longest")}</dt>
            <dd className="text-ink-2">{format.number(longest)}</dd>
          </div>
        )}
      </dl>
      {pressed !== null && <p className="mt-1 text-xs text-ink-3">{t("pressed", { from: format.number(pressed.from), rows: pressed.rows })}</p>}
    </div>
  );
}
