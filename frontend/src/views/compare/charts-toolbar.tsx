"use client";

import { useTranslations } from "next-intl";

import { ChartToolbar } from "@/components/chart/toolbar";
import { Segmented } from "@/components/ui/segmented";
import { AXES, type Axis } from "@/entities/job/axis";

import { SHOWN } from "./chart-lines";
import type { CompareLook } from "./use-compared";

interface ChartsToolbarProps {
  look: CompareLook;
  onChange: (change: Partial<Omit<CompareLook, "hidden">>) => void;
  /** The axes that some run knows. */
  axes: ReadonlySet<Axis>;
  /** Whether there are both metrics of the training and of evaluations. */
  hasBoth: boolean;
  onCsv?: () => void;
  onPicture: () => void;
  /** What is to be known of the axis. */
  note: string | null;
}

/** One toolbar for all charts: what is along and up, which metrics, and what can be taken from them. */
export function ChartsToolbar({ look, onChange, axes, hasBoth, onCsv, onPicture, note }: ChartsToolbarProps) {
  const t = useTranslations("compare");
  return (
    <section aria-label={t("toolbar")} className="grid gap-1.5 rounded-lg border bg-panel px-3.5 py-2">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1.5">
        <Segmented
          label={t("axis.label")}
          value={look.axis}
          onChange={(axis) => onChange({ axis })}
          options={AXES.filter((axis) => axes.has(axis) || axis === look.axis).map((value) => ({ value, label: t(`axis.${value}`) }))}
        />
        {hasBoth && (
          <Segmented
            label={t("shown.label")}
            value={look.shown}
            onChange={(shown) => onChange({ shown })}
            options={SHOWN.map((value) => ({ value, label: t(`shown.${value}`) }))}
          />
        )}
        <ChartToolbar className="ml-auto" settings={look} onChange={onChange} onCsv={onCsv} onPicture={onPicture} />
      </div>
      {note && <p className="text-xs text-ink-3">{note}</p>}
    </section>
  );
}
