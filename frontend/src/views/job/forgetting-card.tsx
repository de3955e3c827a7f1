"use client";

import { useTranslations } from "next-intl";
import { useMemo } from "react";

import { Card } from "@/components/ui/card";
import { DataTable } from "@/components/ui/data-table";
import type { Column } from "@/components/ui/table-columns";
import type { JobDetail } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";
import { forgettingOf, type Forgotten, isKnownLanguage } from "./forgetting";

/** What a training has cost of what the model could do before, where that was measured. */
export function ForgettingCard({ job }: { job: JobDetail }) {
  const t = useTranslations("job.forgetting");
  const { metric } = useFormat();
  const texts = useMemo(() => forgettingOf(job.reports), [job.reports]);
  const columns = useMemo<Column<Forgotten>[]>(() => {
    const wordOf = ({ language }: Forgotten) => (isKnownLanguage(language) ? t(`languages.${language}`) : language);
    return [
      { id: "text", label: t("text"), value: wordOf, cell: wordOf },
      { id: "before", label: t("before"), numeric: true, value: ({ before }) => before, cell: ({ before }) => metric(before) },
      { id: "after", label: t("after"), numeric: true, value: ({ after }) => after, cell: ({ after }) => metric(after) },
      { id: "ratio", label: t("ratio"), numeric: true, value: ({ ratio }) => ratio, cell: ({ ratio }) => t("times", { ratio: metric(ratio) }) },
    ];
  }, [t, metric]);
  if (texts.length === 0) return null;
  return (
    <Card title={t("title")} flush>
      <p className="px-3.5 pb-2 text-xs text-ink-2">{t("hint")}</p>
      <DataTable name="job-forgetting" caption={t("title")} columns={columns} rows={texts} rowId={languageOf} />
    </Card>
  );
}

function languageOf({ language }: Forgotten): string {
  return language;
}
