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
  const titleOf = useSettingTitles(jobs[0]?.recipe);
  return (
    <Tr className={cn(isMarked && "bg-caution-soft")}>
      <th
        scope="row"
        className={cn("sticky left-0 h-8 pl-3.5 text-left font-normal text-ink-2", isMarked ? "bg-caution-soft" : "bg-panel")}
      >
        {isFact ? t(`facts.${row.key as "base_model"}`) : titleOf(row.key)}
        {isMarked && <span className="sr-only">{t("differs")}</span>}
      </th>
      {row.values.map((value, index) => (
        <Td key={jobs[index]?.id ?? index} numeric className="last:pr-3.5">
          {isFact ? <Fact name={row.key} value={value} /> : settingText(value, NOTHING)}
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

/** What settings are called, as the recipe's schema says. */
function useSettingTitles(recipe: string | undefined): (key: string) => string {
  const locale = useLocale();
  const schema = useRecipes().data?.find((one) => one.name === recipe)?.config_schema;
  const properties = schema?.properties as Record<string, { title?: string; title_ja?: string } | undefined> | undefined;
  return (key) => {
    const found = properties?.[key];
    return (locale === "ja" ? found?.title_ja : found?.title) ?? found?.title ?? key;
  };
}
