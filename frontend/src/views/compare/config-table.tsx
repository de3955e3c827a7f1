"use client";

import { useLocale, useTranslations } from "next-intl";
import { parseAsBoolean, useQueryState } from "nuqs";
import { useMemo } from "react";

import { Card } from "@/components/ui/card";
import { DataTable } from "@/components/ui/data-table";
import { Link } from "@/components/ui/link";
import { Switch } from "@/components/ui/switch";
import type { Column } from "@/components/ui/table-columns";
import { useDatasetNames, useRecipeTitles } from "@/entities/job/use-job-names";
import { useAllBaseModels } from "@/entities/model/queries";
import { useRecipes } from "@/entities/recipe/queries";
import type { JobDetail } from "@/lib/api/generated/types.gen";
import { NOTHING } from "@/lib/format";
import { datasetPage } from "@/lib/routes";

import { configDiff, type DiffRow, factsOf, settingText } from "./config-diff";
import { FIRST_COLUMN, runColumns } from "./run-heads";
import type { ComparedRun } from "./use-compared";

interface SettingRow extends DiffRow {
  isFact: boolean;
  /** It differs, among others that do not. */
  isMarked: boolean;
}

/** What the runs were asked for: where they differ, or everything. */
export function ConfigTable({ runs, jobs }: { runs: readonly ComparedRun[]; jobs: readonly JobDetail[] }) {
  const t = useTranslations("compare.config");
  const [isWhole, setWhole] = useQueryState("all", parseAsBoolean.withDefault(false));
  const { models: bases } = useAllBaseModels();
  const all = useMemo<SettingRow[]>(() => {
    const rowOf = (isFact: boolean) => (row: DiffRow) => ({ ...row, isFact, isMarked: isWhole && row.differs });
    return [...factsOf(jobs, bases).map(rowOf(true)), ...configDiff(jobs.map((job) => job.config)).map(rowOf(false))];
  }, [jobs, bases, isWhole]);
  const columns = useSettingColumns(runs, jobs);
  const same = all.filter((row) => !row.differs).length;
  return (
    <Card flush title={t("title")} aside={<Switch label={t("showAll", { count: same })} checked={isWhole} onChange={(on) => void setWhole(on)} />}>
      <DataTable
        name="compare-settings"
        caption={t("title")}
        columns={columns}
        rows={all.filter((row) => isWhole || row.differs)}
        rowId={idOf}
        rowClassName={({ isMarked }) => (isMarked ? "bg-caution-soft" : undefined)}
        empty={<p className="px-3.5 py-4 text-ink-3">{t("noDifference")}</p>}
      />
    </Card>
  );
}

function idOf({ key, isFact }: SettingRow): string {
  return isFact ? `fact:${key}` : key;
}

function useSettingColumns(runs: readonly ComparedRun[], jobs: readonly JobDetail[]): Column<SettingRow>[] {
  const t = useTranslations("compare.config");
  const titleOf = useSettingTitles(jobs[0]?.recipe);
  return useMemo(() => {
    const name = ({ key, isFact }: SettingRow) => (isFact ? t(`facts.${key as "base_model"}`) : titleOf(key));
    return [
      {
        ...FIRST_COLUMN,
        id: "setting",
        label: t("setting"),
        value: name,
        cell: (row) => (
          <>
            {name(row)}
            {row.isMarked && <span className="sr-only">{t("differs")}</span>}
          </>
        ),
      },
      ...runColumns<SettingRow>(runs, (_, index) => ({
        value: ({ values }) => (typeof values[index] === "number" ? values[index] : settingText(values[index], "")),
        cell: ({ key, values, isFact }) => (isFact ? <Fact name={key} value={values[index]} /> : settingText(values[index], NOTHING)),
      })),
    ];
  }, [t, titleOf, runs]);
}

function Fact({ name, value }: { name: string; value: unknown }) {
  const t = useTranslations("compare.config");
  const recipeTitle = useRecipeTitles();
  const id = name === "dataset" && typeof value === "string" ? value : null;
  const dataset = useDatasetNames([id]).get(id ?? "");
  if (id) {
    if (dataset === null) return t("datasetGone");
    return (
      <Link href={datasetPage(id)} className="underline decoration-line-strong underline-offset-2 hover:decoration-current">
        {dataset ?? id}
      </Link>
    );
  }
  if (name === "recipe" && typeof value === "string") return recipeTitle(value);
  return settingText(value, NOTHING);
}

/** What settings are called, as the recipe's schema says. */
function useSettingTitles(recipe: string | undefined): (key: string) => string {
  const locale = useLocale();
  const schema = useRecipes().data?.find((one) => one.name === recipe)?.config_schema;
  return useMemo(() => {
    const properties = schema?.properties as Record<string, { title?: string; title_ja?: string } | undefined> | undefined;
    return (key) => {
      const found = properties?.[key];
      return (locale === "ja" ? found?.title_ja : found?.title) ?? found?.title ?? key;
    };
  }, [schema, locale]);
}
