"use client";

import { useLocale, useTranslations } from "next-intl";
import { useMemo } from "react";

import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { CodeBlock } from "@/components/ui/code-block";
import { DataTable } from "@/components/ui/data-table";
import type { Column } from "@/components/ui/table-columns";
import { chosenBy } from "@/entities/forecast/chosen";
import { useRecipe } from "@/entities/recipe/queries";
import { settingsOf } from "@/entities/recipe/settings";
import { valueWords } from "@/entities/recipe/value-words";
import { useApiUrl } from "@/lib/api/address";
import type { JobDetail } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";

import { type ConfigRow, configRows, valueText } from "./config-rows";
import { curlOf } from "./request-command";

/** With what the run was started: what differs from the defaults first. */
export function ConfigTab({ job }: { job: JobDetail }) {
  const t = useTranslations("job.config");
  const apiUrl = useApiUrl();
  const { data: recipe } = useRecipe(job.recipe);
  const settings = useMemo(() => settingsOf(recipe?.config_schema ?? {}), [recipe]);
  const rows = useMemo(() => configRows(job.config, recipe?.defaults ?? {}, settings), [job.config, recipe, settings]);
  const chosen = useMemo(() => chosenBy(job.forecast), [job.forecast]);
  const columns = useSettingColumns(recipe !== undefined, chosen);
  const different = rows.filter((row) => row.isDifferent).length;
  return (
    <div className="grid gap-3">
      <Card title={t("title")} aside={recipe ? t("different", { count: different }) : undefined} flush>
        <DataTable name="job-settings" caption={t("title")} columns={columns} rows={rows} rowId={nameOf} className="max-sm:text-xs" />
      </Card>
      <CodeBlock title={t("again")} code={curlOf(job, apiUrl)} />
    </div>
  );
}

function nameOf({ name }: ConfigRow): string {
  return name;
}

function useSettingColumns(isKnown: boolean, chosen: ReadonlyMap<string, unknown>): Column<ConfigRow>[] {
  const t = useTranslations("job.config");
  const form = useTranslations("newTraining.settings");
  const locale = useLocale();
  return useMemo(() => {
    const switches = { on: form("on"), off: form("off") };
    const titleOf = ({ name, setting }: ConfigRow) => setting?.title[locale] ?? name;
    const text = ({ setting }: ConfigRow, value: unknown) => valueWords(setting, value, locale, switches) ?? valueText(value) ?? form("auto");
    const sortable = (row: ConfigRow, value: unknown) => (typeof value === "number" ? value : text(row, value));
    return [
      {
        id: "setting",
        label: t("setting"),
        value: titleOf,
        cell: (row) => (
          <>
            {titleOf(row)}
            <span className="ml-2 font-mono text-2xs text-ink-3 max-sm:hidden">{row.name}</span>
          </>
        ),
      },
      {
        id: "value",
        label: t("value"),
        value: (row) => sortable(row, row.value),
        cell: (row) => {
          const shown = text(row, row.value);
          return <Value text={chosen.has(row.name) ? t("chosen", { value: shown }) : shown} isMarked={isKnown && row.isDifferent} />;
        },
      },
      {
        id: "default",
        label: t("default"),
        className: "text-ink-3",
        value: (row) => (isKnown ? sortable(row, row.fallback) : null),
        cell: (row) => <span className="line-clamp-3">{isKnown ? text(row, row.fallback) : ""}</span>,
      },
    ];
  }, [t, form, locale, isKnown, chosen]);
}

function Value({ text, isMarked }: { text: string; isMarked: boolean }) {
  const t = useTranslations("job.config");
  return (
    <span className={cn("inline-flex flex-wrap items-center gap-2", isMarked ? "font-medium" : "text-ink-2")}>
      <span className="line-clamp-3">{text}</span>
      {isMarked && <Badge tone="ai">{t("changed")}</Badge>}
    </span>
  );
}
