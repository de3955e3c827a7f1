"use client";

import { useLocale, useTranslations } from "next-intl";
import { useMemo } from "react";

import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { CodeBlock } from "@/components/ui/code-block";
import { Table, Td, Th, Tr } from "@/components/ui/table";
import { useRecipe } from "@/entities/recipe/queries";
import { settingsOf } from "@/entities/recipe/settings";
import { valueWords } from "@/entities/recipe/value-words";
import { useApiUrl } from "@/lib/api/address";
import type { JobDetail } from "@/lib/api/generated/types.gen";
import { type ConfigRow, configRows, valueText } from "./config-rows";
import { curlOf } from "./request-command";

/** With what the run was started: what differs from the defaults first. */
export function ConfigTab({ job }: { job: JobDetail }) {
  const t = useTranslations("job.config");
  const apiUrl = useApiUrl();
  const { data: recipe } = useRecipe(job.recipe);
  const settings = useMemo(() => settingsOf(recipe?.config_schema ?? {}), [recipe]);
  const rows = configRows(job.config, recipe?.defaults ?? {}, settings);
  const different = rows.filter((row) => row.isDifferent).length;
  return (
    <div className="grid gap-3">
      <Card title={t("title")} aside={recipe ? t("different", { count: different }) : undefined} flush>
        <Table caption={t("title")} className="max-sm:text-xs">
          <thead>
            <tr>
              <Th className="pl-3.5">{t("setting")}</Th>
              <Th>{t("value")}</Th>
              <Th className="pr-3.5">{t("default")}</Th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <SettingRow key={row.name} row={row} isKnown={recipe !== undefined} />
            ))}
          </tbody>
        </Table>
      </Card>
      <CodeBlock title={t("again")} code={curlOf(job, apiUrl)} />
    </div>
  );
}

function SettingRow({ row, isKnown }: { row: ConfigRow; isKnown: boolean }) {
  const t = useTranslations("job.config");
  const form = useTranslations("newTraining.settings");
  const locale = useLocale();
  const switches = { on: form("on"), off: form("off") };
  const text = (value: unknown) => valueWords(row.setting, value, locale, switches) ?? valueText(value) ?? form("auto");
  const isMarked = isKnown && row.isDifferent;
  return (
    <Tr>
      <Td className="pl-3.5">
        {row.setting?.title[locale] ?? row.name}
        <span className="ml-2 font-mono text-2xs text-ink-3 max-sm:hidden">{row.name}</span>
      </Td>
      <Td className={isMarked ? "font-medium" : "text-ink-2"}>
        <span className="inline-flex flex-wrap items-center gap-2">
          <span className="line-clamp-3">{text(row.value)}</span>
          {isMarked && <Badge tone="ai">{t("changed")}</Badge>}
        </span>
      </Td>
      <Td className="pr-3.5 text-ink-3">
        <span className="line-clamp-3">{isKnown ? text(row.fallback) : ""}</span>
      </Td>
    </Tr>
  );
}
