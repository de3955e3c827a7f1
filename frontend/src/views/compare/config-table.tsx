"use client";

import { useLocale, useTranslations } from "next-intl";
import { parseAsBoolean, useQueryState } from "nuqs";
import { useMemo } from "react";

import { Card } from "@/components/ui/card";
import { Link } from "@/components/ui/link";
import { Switch } from "@/components/ui/switch";
import { Table, Td, Tr } from "@/components/ui/table";
import { useDatasetNames, useRecipeTitles } from "@/entities/job/use-job-names";
import { useAllBaseModels } from "@/entities/model/queries";
import { useRecipes } from "@/entities/recipe/queries";
import { type Setting, settingsOf } from "@/entities/recipe/settings";
import { valueWords } from "@/entities/recipe/value-words";
import type { JobDetail } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { NOTHING } from "@/lib/format";
import { datasetPage } from "@/lib/routes";

import { configDiff, type DiffRow, factsOf, settingText } from "./config-diff";
import { RunHeads } from "./run-heads";
import type { ComparedRun } from "./use-compared";

/** What the runs were asked for: where they differ, or everything. */
export function ConfigTable({ runs, jobs }: { runs: readonly ComparedRun[]; jobs: readonly JobDetail[] }) {
  const t = useTranslations("compare.config");
  const [isWhole, setWhole] = useQueryState("all", parseAsBoolean.withDefault(false));
  const { models: bases } = useAllBaseModels();
  const facts = factsOf(jobs, bases);
  const settings = useMemo(() => configDiff(jobs.map((job) => job.config)), [jobs]);
  const shown = (rows: readonly DiffRow[]) => rows.filter((row) => isWhole || row.differs);
  const same = [...facts, ...settings].filter((row) => !row.differs).length;
  const rows = [...shown(facts), ...shown(settings)];
  return (
    <Card flush title={t("title")} aside={<Switch label={t("showAll", { count: same })} checked={isWhole} onChange={(on) => void setWhole(on)} />}>
      {rows.length === 0 ? (
        <p className="px-3.5 py-4 text-ink-3">{t("noDifference")}</p>
      ) : (
        <Table caption={t("title")}>
          <thead>
            <RunHeads runs={runs} first={t("setting")} />
          </thead>
          <tbody>
            {rows.map((row) => (
              <SettingRow key={row.key} row={row} jobs={jobs} isFact={facts.includes(row)} isMarked={isWhole && row.differs} />
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  );
}

interface SettingRowProps {
  row: DiffRow;
  jobs: readonly JobDetail[];
  isFact: boolean;
  isMarked: boolean;
}

function SettingRow({ row, jobs, isFact, isMarked }: SettingRowProps) {
  const t = useTranslations("compare.config");
  const form = useTranslations("newTraining.settings");
  const locale = useLocale();
  const setting = useSettings(jobs[0]?.recipe).find(({ name }) => name === row.key);
  const switches = { on: form("on"), off: form("off") };
  const text = (value: DiffRow["values"][number]) =>
    valueWords(setting, value, locale, switches) ?? settingText(value, setting && value === null ? form("auto") : NOTHING);
  return (
    <Tr className={cn(isMarked && "bg-caution-soft")}>
      <th
        scope="row"
        className={cn("sticky left-0 h-8 pl-3.5 text-left font-normal text-ink-2", isMarked ? "bg-caution-soft" : "bg-panel")}
      >
        {isFact ? t(`facts.${row.key as "base_model"}`) : (setting?.title[locale] ?? row.key)}
        {isMarked && <span className="sr-only">{t("differs")}</span>}
      </th>
      {row.values.map((value, index) => (
        <Td key={jobs[index]?.id ?? index} numeric className="last:pr-3.5">
          {isFact ? <Fact name={row.key} value={value} /> : text(value)}
        </Td>
      ))}
    </Tr>
  );
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

/** The settings of a recipe, with the words of the form. */
function useSettings(recipe: string | undefined): readonly Setting[] {
  const schema = useRecipes().data?.find((one) => one.name === recipe)?.config_schema;
  return useMemo(() => settingsOf(schema ?? {}), [schema]);
}
