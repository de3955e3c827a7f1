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
import { type Setting, settingsOf } from "@/entities/recipe/settings";
import { valueWords } from "@/entities/recipe/value-words";
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
  const form = useTranslations("newTraining.settings");
  const locale = useLocale();
  const settings = useSettings(jobs);
  return useMemo(() => {
    const switches = { on: form("on"), off: form("off") };
    const settingOf = ({ key, isFact }: SettingRow) => (isFact ? undefined : settings.get(key));
    const name = (row: SettingRow) => (row.isFact ? t(`facts.${row.key as "base_model"}`) : (settingOf(row)?.title[locale] ?? row.key));
    const text = (row: SettingRow, value: DiffRow["values"][number], nothing: string) => {
      const setting = settingOf(row);
      return valueWords(setting, value, locale, switches) ?? settingText(value, setting && value === null ? form("auto") : nothing);
    };
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
        value: (row) => (typeof row.values[index] === "number" ? row.values[index] : text(row, row.values[index], "")),
        cell: (row) => (row.isFact ? <Fact name={row.key} value={row.values[index]} /> : text(row, row.values[index], NOTHING)),
      })),
    ];
  }, [t, form, locale, settings, runs]);
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
  return name === "device" && value === "auto" ? t("deviceAuto") : settingText(value, NOTHING);
}

/** The settings of the recipes of some jobs by their name, with the words of the form: the first recipe that has one names it. */
function useSettings(jobs: readonly JobDetail[]): ReadonlyMap<string, Setting> {
  const recipes = useRecipes().data;
  const names = [...new Set(jobs.map(({ recipe }) => recipe))].join(" ");
  return useMemo(() => {
    const all = names.split(" ").flatMap((name) => settingsOf(recipes?.find((one) => one.name === name)?.config_schema ?? {}));
    return new Map(all.reverse().map((setting) => [setting.name, setting]));
  }, [recipes, names]);
}
