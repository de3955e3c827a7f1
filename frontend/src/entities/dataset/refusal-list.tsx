"use client";

import { useLocale, useTranslations } from "next-intl";

import type { Counts } from "@/lib/api/generated/types.gen";

const SHOWN = 5;

/** The first rows that do not enter, and why. */
export function RefusalList({ counts }: { counts: Counts }) {
  const t = useTranslations("datasets.preview");
  const locale = useLocale();
  if (counts.refused === 0) return null;
  const shown = counts.first_refused.slice(0, SHOWN);
  return (
    <div className="rounded-md bg-caution-soft px-3 py-2">
      <p className="font-medium text-caution">{t("refusedTitle", { count: counts.refused })}</p>
      <ul className="mt-0.5">
        {shown.map((refusal) => (
          <li key={refusal.row}>
            {refusal.column
              ? t("refusalIn", { row: refusal.row, column: refusal.column, reason: refusal[locale] })
              : t("refusal", { row: refusal.row, reason: refusal[locale] })}
          </li>
        ))}
      </ul>
      {counts.refused > shown.length && <p className="text-ink-2">{t("more", { count: counts.refused - shown.length })}</p>}
    </div>
  );
}
