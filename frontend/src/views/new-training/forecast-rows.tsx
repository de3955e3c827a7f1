import { ChevronRight } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { type ReactNode, useId, useState } from "react";

import { memoryShares } from "@/entities/forecast/memory-groups";
import { timeRange } from "@/entities/forecast/spread";
import type { Forecast, Part } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/use-format";

import { GROUP_FILL } from "./memory-bar";

/** Each part of the forecast, with where its number comes from behind it. */
export function ForecastRows({ forecast }: { forecast: Forecast }) {
  const t = useTranslations("newTraining.forecast");
  const locale = useLocale();
  const format = useFormat();
  const { memory, time, lengths, disk } = forecast;
  return (
    <div className="grid">
      {memory &&
        memoryShares(memory.parts).map(({ group, size_bytes, parts }) => (
          <Row
            key={group}
            mark={GROUP_FILL[group]}
            title={group === "weights" ? t("groups.weights", { precision: memory.precision }) : t(`groups.${group}`)}
            value={format.bytes(size_bytes)}
          >
            <Parts parts={parts} />
          </Row>
        ))}
      <Row title={t("time")} value={<Time forecast={forecast} />}>
        <ul className="grid gap-0.5">
          {time.steps !== null && (
            <li>{t("steps", { steps: format.number(time.steps), tokens: format.number(time.tokens) })}</li>
          )}
          {time.tokens_per_s !== null && <li>{t("speed", { tokens: format.number(time.tokens_per_s, { maximumFractionDigits: 0 }) })}</li>}
          <li>{t("basis", { basis: time[locale] })}</li>
          <li>{t("lengths", { basis: lengths[locale] })}</li>
        </ul>
      </Row>
      <Row
        title={t("disk")}
        value={disk.size_bytes === null ? t("unknown") : t("diskOf", { size: format.bytes(disk.size_bytes), free: format.bytes(disk.free_bytes) })}
      >
        <Parts parts={disk.parts} />
      </Row>
    </div>
  );
}

function Time({ forecast: { time, lengths } }: { forecast: Forecast }) {
  const t = useTranslations("newTraining.forecast");
  const format = useFormat();
  const range = timeRange(time, lengths);
  if (!range) return t("unknown");
  const words = { time: format.duration(time.seconds), from: format.duration(range.from), to: format.duration(range.to) };
  return (
    <>
      {t("about", { time: words.time })} <span className="text-xs text-ink-3">{t("range", { from: words.from, to: words.to })}</span>
    </>
  );
}

function Parts({ parts }: { parts: readonly Part[] }) {
  const locale = useLocale();
  const format = useFormat();
  if (parts.length === 0) return null;
  return (
    <ul className="grid gap-0.5">
      {parts.map((part) => (
        <li key={part.name} className="flex justify-between gap-3">
          <span className="min-w-0">{part[locale]}</span>
          <span className="shrink-0">{format.bytes(part.size_bytes)}</span>
        </li>
      ))}
    </ul>
  );
}

interface RowProps {
  title: string;
  value: ReactNode;
  mark?: string;
  /** What it is made of. */
  children: ReactNode;
}

function Row({ title, value, mark, children }: RowProps) {
  const panel = useId();
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="border-t first:border-t-0">
      <button
        type="button"
        aria-expanded={isOpen}
        aria-controls={isOpen ? panel : undefined}
        onClick={() => setOpen(!isOpen)}
        className="group flex min-h-8 w-full items-center gap-2 rounded-sm py-1 text-left hover:bg-hover"
      >
        {mark && <span aria-hidden className={cn("size-2 shrink-0 rounded-[2px]", mark)} />}
        <span className="min-w-0">{title}</span>
        <ChevronRight
          aria-hidden
          className={cn("size-3.5 shrink-0 text-ink-3 transition-transform group-hover:text-ink", isOpen && "rotate-90")}
        />
        <span className="ml-auto text-right">{value}</span>
      </button>
      {isOpen && (
        <div id={panel} className="pb-2 pl-4 text-xs text-ink-2">
          {children}
        </div>
      )}
    </div>
  );
}
