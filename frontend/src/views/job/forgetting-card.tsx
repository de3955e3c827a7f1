"use client";

import { useTranslations } from "next-intl";

import { Card } from "@/components/ui/card";
import { Table, Td, Th, Tr } from "@/components/ui/table";
import type { JobDetail } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";
import { forgettingOf, isKnownLanguage } from "./forgetting";

/** What a training has cost of what the model could do before, where that was measured. */
export function ForgettingCard({ job }: { job: JobDetail }) {
  const t = useTranslations("job.forgetting");
  const { metric } = useFormat();
  const texts = forgettingOf(job.reports);
  if (texts.length === 0) return null;
  return (
    <Card title={t("title")}>
      <p className="pb-2 text-xs text-ink-2">{t("hint")}</p>
      <Table caption={t("title")}>
        <thead>
          <tr>
            <Th>{t("text")}</Th>
            <Th numeric>{t("before")}</Th>
            <Th numeric>{t("after")}</Th>
            <Th numeric>{t("ratio")}</Th>
          </tr>
        </thead>
        <tbody>
          {texts.map(({ language, before, after, ratio }) => (
            <Tr key={language}>
              <Td>{isKnownLanguage(language) ? t(`languages.${language}`) : language}</Td>
              <Td numeric>{metric(before)}</Td>
              <Td numeric>{metric(after)}</Td>
              <Td numeric>{t("times", { ratio: metric(ratio) })}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Card>
  );
}
