"use client";

import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { useEffect, useMemo, useRef, useState } from "react";

import { Card } from "@/components/ui/card";
import { ProblemState } from "@/components/ui/problem";
import { Skeleton } from "@/components/ui/skeleton";
import { useKindBook } from "@/entities/dataset/queries";
import { useForecast } from "@/entities/forecast/use-forecast";
import type { BaseModelOut, DatasetOut, ForecastRequest, RecipeOut } from "@/lib/api/generated/types.gen";
import { type Action, useOfferActions } from "@/lib/actions";
import { asProblem } from "@/lib/problem";

import { AllSettings } from "./all-settings";
import { BaseField } from "./base-field";
import { COLUMNS } from "./columns";
import { DatasetField } from "./dataset-field";
import { takesBase } from "./draft";
import { ForecastPlace, LedgerPlace } from "./form-skeleton";
import { KeySettings } from "./key-settings";
import { fieldWords } from "./pointers";
import { PresetBar } from "./preset-bar";
import { StartBar } from "./start-bar";
import { useStart } from "./use-start";
import { useLedger } from "./use-ledger";
import { type FormStart, useTrainingForm } from "./use-training-form";

const ForecastCard = dynamic(() => import("./forecast-card").then((loaded) => loaded.ForecastCard), { loading: ForecastPlace });
const LedgerCard = dynamic(() => import("./ledger-card").then((loaded) => loaded.LedgerCard), { loading: LedgerPlace });
const FinishFields = dynamic(() => import("./finish-fields").then((loaded) => loaded.FinishFields), { loading: FinishPlace });
const RecipeField = dynamic(() => import("./recipe-field").then((loaded) => loaded.RecipeField));
const CopyDialog = dynamic(() => import("./copy-dialog").then((loaded) => loaded.CopyDialog), { ssr: false });

const NO_MODELS: readonly BaseModelOut[] = [];

interface TrainingFormProps {
  recipes: readonly RecipeOut[];
  datasets: readonly DatasetOut[];
  models: readonly BaseModelOut[];
  start: FormStart;
}

export function TrainingForm({ recipes, datasets, models, start: begun }: TrainingFormProps) {
  const form = useTrainingForm(recipes, datasets, models, begun);
  const { draft, request, recipe } = form;
  const needsBase = takesBase(recipe);
  const dataset = datasets.find(({ id }) => id === draft.dataset);
  const hasTokens = useKindBook().hasTokens(dataset?.kind ?? recipe?.dataset_kinds[0] ?? "");
  const ledger = useLedger(form, hasTokens ? models : NO_MODELS);
  const forecast = useForecast(form.hasFaults || !needsBase || !draft.base ? null : forecastOf(request));
  const ground = useRef<HTMLDivElement>(null);
  const start = useStart(form, ground, ledger.verdict);
  const [copying, setCopying] = useState(false);
  const told = fieldWords(start.isCurrent ? start.problem : null);
  const foreseen = fieldWords(forecast.isBehind ? null : forecast.error);
  const words = { ...foreseen, ...told, settings: { ...foreseen.settings, ...told.settings } };
  useFormActions(start.run, () => setCopying(true));
  return (
    <div className={COLUMNS} ref={ground}>
      <Card>
        <div className="grid gap-4">
          {needsBase && <BaseField form={form} models={models} error={words.base} />}
          <DatasetField form={form} datasets={datasets} missing={start.wantsDataset} error={words.dataset} />
          {recipes.length > 1 && <RecipeField form={form} recipes={recipes} datasets={datasets} />}
          <PresetBar form={form} />
          <KeySettings form={form} told={words.settings} />
          <AllSettings form={form} told={words.settings} opened={start.openSettings} />
          <FinishFields form={form} words={words} refusal={start.isCurrent && start.problem ? asProblem(start.problem).code : null} />
          {start.isCurrent && start.problem && !told.isComplete && <ProblemState problem={start.problem} />}
          <StartBar onStart={start.run} pending={start.pending} isWaiting={start.isWaiting} onCopy={() => setCopying(true)} />
        </div>
      </Card>
      <div className="grid gap-3 lg:sticky lg:top-14">
        {needsBase && <ForecastCard form={form} forecast={forecast} told={foreseen} />}
        {hasTokens && <LedgerCard form={form} ledger={ledger} recipe={recipe} />}
      </div>
      {copying && <CopyDialog request={request} onClose={() => setCopying(false)} />}
    </div>
  );
}

function forecastOf({ recipe, base_model, dataset_id, config }: ForecastRequest): ForecastRequest {
  return { recipe, base_model, dataset_id, config };
}

function useFormActions(start: () => void, copy: () => void): void {
  const t = useTranslations("newTraining.actions");
  const latest = useRef({ start, copy });
  useEffect(() => {
    latest.current = { start, copy };
  });
  const actions = useMemo<Action[]>(
    () => [
      { id: "new-training:start", group: "page", label: t("start"), words: ["start", "run"], keys: "mod+Enter", run: () => latest.current.start() },
      { id: "new-training:copy", group: "page", label: t("copy"), words: ["curl", "cli", "yaml"], run: () => latest.current.copy() },
    ],
    [t],
  );
  useOfferActions("new-training", actions);
}

function FinishPlace() {
  return <Skeleton className="h-14" />;
}
