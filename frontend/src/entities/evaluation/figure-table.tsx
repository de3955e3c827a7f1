"use client";

import { useLocale, useTranslations } from "next-intl";

import { Card } from "@/components/ui/card";
import { Explanation } from "@/components/ui/explanation";
import { Table, Td, Th, Tr } from "@/components/ui/table";
import { intervalText, scaleOf } from "./interval";
import type { EvaluationDetail, Figure } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

/** Each metric with its interval, beside what one has without any training. */
export function FigureTable({ evaluation }: { evaluation: EvaluationDetail }) {
  const t = useTranslations("evaluate.figures");
  const locale = useLocale();
  const format = useFormat();
  const { figures, baseline, confidence_level, resamples } = evaluation;
  const scale = scaleOf([...figures, ...(baseline?.figures ?? [])]);
  const level = format.percent(confidence_level);
  return (
    <Card
      flush
      title={t("title")}
      aside={
        <span>
          {t("interval", { level })}
          <Explanation of={t("interval", { level })}>{t("intervalMeans", { level, resamples })}</Explanation>
        </span>
      }
    >
      <Table caption={t("title")}>
        <thead>
          <Tr>
            <Th className="pl-3.5">{t("metric")}</Th>
            <Th numeric>{t("value")}</Th>
            <Th className="w-full min-w-20">
              <span className="sr-only">{t("bar")}</span>
            </Th>
            <Th numeric>{t("interval", { level })}</Th>
            {baseline && <Th numeric className="min-w-24 whitespace-normal">{baseline.title[locale]}</Th>}
            <Th numeric className="pr-3.5">{t("n")}</Th>
          </Tr>
        </thead>
        <tbody>
          {figures.map((figure, place) => (
            <Tr key={figure.name}>
              <Td className="pl-3.5 whitespace-nowrap">{figure.title[locale]}</Td>
              <Td numeric className="font-semibold">{format.metric(figure.value)}</Td>
              <Td>
                <IntervalBar figure={figure} baseline={baseline?.figures[place]?.value ?? null} scale={scale} />
              </Td>
              <Td numeric className="text-ink-2">{intervalText(figure, format) ?? t("none")}</Td>
              {baseline && <Td numeric className="text-ink-2">{format.metric(baseline.figures[place]?.value)}</Td>}
              <Td numeric className="pr-3.5 text-ink-2">{format.number(figure.n)}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Card>
  );
}

/** The value as a dot on its interval, the baseline as a line; the words stand beside it. */
export function IntervalBar({ figure, baseline, scale }: { figure: Figure; baseline: number | null; scale: number }) {
  const at = (value: number) => `${(Math.min(Math.max(value / scale, 0), 1) * 100).toFixed(2)}%`;
  return (
    <svg className="block h-4 w-full min-w-16 overflow-visible" aria-hidden>
      <line x1="0" x2="100%" y1="50%" y2="50%" className="stroke-line" strokeWidth="4" strokeLinecap="round" />
      {figure.low != null && figure.high != null && (
        <line x1={at(figure.low)} x2={at(figure.high)} y1="50%" y2="50%" className="stroke-ai" strokeOpacity="0.45" strokeWidth="4" strokeLinecap="round" />
      )}
      {baseline !== null && <line x1={at(baseline)} x2={at(baseline)} y1="1" y2="15" className="stroke-ink-3" strokeWidth="1.5" />}
      <circle cx={at(figure.value)} cy="50%" r="4" className="fill-ai" />
    </svg>
  );
}
