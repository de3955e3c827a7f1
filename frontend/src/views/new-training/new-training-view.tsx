"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Database } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";

import { Page } from "@/components/layout/page";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { LinkButton } from "@/components/ui/link-button";
import { ProblemState } from "@/components/ui/problem";
import { useAllDatasets } from "@/entities/dataset/queries";
import { jobKeys } from "@/entities/job/keys";
import { jobDetailOptions } from "@/entities/job/queries";
import { useAllBaseModels, useBaseModel } from "@/entities/model/queries";
import { type Presets, usePresets } from "@/entities/recipe/presets";
import { bookOf } from "@/entities/recipe/book";
import { useRecipes } from "@/entities/recipe/queries";
import type { BaseModelOut, DatasetOut, JobDetail, RecipeOut } from "@/lib/api/generated/types.gen";
import { useIsHydrating } from "@/lib/hydration";
import { ADD_DATA } from "@/lib/routes";

import { type Draft, EMPTY_DRAFT } from "./draft";
import { type DraftAddress, draftKey, loadDraft } from "./draft-store";
import { FormSkeleton } from "./form-skeleton";
import { initialDraft, presetFacts, type Source } from "./initial-draft";
import { TrainingForm } from "./training-form";
import { useAddress } from "./use-training-form";

/** Everything that a training needs, what it will take, and the start. */
export function NewTrainingView() {
  const t = useTranslations("newTraining");
  return (
    <Page title={t("title")} description={t("description")}>
      <Content />
    </Page>
  );
}

function Content() {
  const t = useTranslations("newTraining");
  const [address] = useAddress();
  const isHydrating = useIsHydrating(); // the draft of this tab lies in the browser: the form begins anew with it
  const recipes = useRecipes();
  const datasets = useAllDatasets();
  const models = useAllBaseModels();
  const source = useSource(address.from);
  const [moved, setMoved] = useState({ to: "", root: "" });
  const key = draftKey(address);
  const root = moved.to === key ? moved.root : key;
  const failed = [recipes, datasets, models].find((query) => query.error);
  const retry = () => Promise.all([recipes, datasets, models].filter((one) => one.error).map((one) => one.refetch()));
  const problem = failed && <ProblemState problem={failed.error} onRetry={() => void retry()} retrying={failed.isFetching} className="mb-3" />;
  // What is kept of a draft or a duplicate is looked up in the lists: half a list would take it for gone.
  if (!recipes.data || !datasets.isWhole || !models.isWhole || source.isPending) return problem ?? <FormSkeleton />;
  if (datasets.datasets.length === 0) {
    return (
      <Card flush>
        <EmptyState
          icon={<Database aria-hidden />}
          title={t("empty.title")}
          description={t("empty.description")}
          action={
            <LinkButton href={ADD_DATA} variant="primary">
              {t("empty.action")}
            </LinkButton>
          }
        />
      </Card>
    );
  }
  const training = recipes.data.filter((recipe) => recipe.trains);
  const { missing } = source;
  const draft = isHydrating ? EMPTY_DRAFT : loadDraft(key);
  return (
    <>
      {problem}
      {source.error && <ProblemState problem={source.error} title={t("sourceMissing")} className="mb-3" />}
      {missing.base && <p role="note" className="mb-3 rounded-md bg-caution-soft px-3 py-2 text-caution">{t("sourceBaseGone")}</p>}
      {missing.dataset(datasets.datasets) && <p role="note" className="mb-3 rounded-md bg-caution-soft px-3 py-2 text-caution">{t("sourceDatasetGone")}</p>}
      <Begun
        key={`${root} ${isHydrating}`}
        draftOf={(presets) => initialDraft(draft, bookOf(recipes.data), datasets.datasets, models.models, source.data, address.base, presets)}
        dataset={address.dataset}
        recipes={training}
        datasets={datasets.datasets}
        models={models.models}
        isKept={!isHydrating}
        onMove={(to: DraftAddress) => setMoved({ to: draftKey(to), root })}
      />
    </>
  );
}

interface BegunProps {
  draftOf: (presets: Presets) => Draft;
  /** The data set that the address names. */
  dataset: string | null;
  recipes: readonly RecipeOut[];
  datasets: readonly DatasetOut[];
  models: readonly BaseModelOut[];
  isKept: boolean;
  onMove: (to: DraftAddress) => void;
}

/** The form once the presets that it begins with are there; without them it works, too. */
function Begun({ draftOf, dataset, recipes, datasets, models, isKept, onMove }: BegunProps) {
  const [first] = useState(() => presetFacts(draftOf([]), datasets, dataset));
  const presets = usePresets(first.recipe, first.rows);
  if (presets.isPending) return <FormSkeleton />;
  return (
    <TrainingForm recipes={recipes} datasets={datasets} models={models} start={{ isKept, initial: draftOf(presets.data ?? []), onMove }} />
  );
}

/** The jobs that followed a job; one that is gone by now is left out. */
function useStages(job: JobDetail | undefined) {
  const client = useQueryClient();
  const ids = job?.stages.map(({ id }) => id) ?? [];
  return useQuery({
    queryKey: jobKeys.stages(ids),
    queryFn: async () => {
      const found = await Promise.allSettled(ids.map((id) => client.ensureQueryData(jobDetailOptions(id))));
      return found.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
    },
    enabled: job !== undefined,
  });
}

/** The job that is duplicated, with the jobs that followed it and its base model by its name. */
function useSource(from: string | null) {
  const job = useQuery({ ...jobDetailOptions(from ?? ""), enabled: from !== null });
  const stages = useStages(job.data);
  const named = job.data?.inputs.base_model ?? null;
  const base = useBaseModel(named);
  const isGone = named !== null && base.error?.status === 404 && !named.includes(":");
  const dataset = job.data?.inputs.dataset_id ?? null;
  const data: Source | undefined = job.data && { job: job.data, stages: stages.data ?? [], base: isGone ? null : (base.data?.reference ?? named) };
  return {
    data,
    error: job.error,
    isPending: from !== null && !job.error && (job.isPending || stages.isPending || (named !== null && base.isPending)),
    missing: {
      base: isGone,
      dataset: (known: readonly { id: string }[]) => dataset !== null && !known.some(({ id }) => id === dataset),
    },
  };
}
