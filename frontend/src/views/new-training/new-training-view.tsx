"use client";

import { useQuery } from "@tanstack/react-query";
import { Database } from "lucide-react";
import { useTranslations } from "next-intl";

import { Page } from "@/components/layout/page";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { LinkButton } from "@/components/ui/link-button";
import { ProblemState } from "@/components/ui/problem";
import { MOST_NAMED, useDatasets } from "@/entities/dataset/queries";
import { jobDetailOptions } from "@/entities/job/queries";
import { useBaseModels } from "@/entities/model/queries";
import { useRecipes } from "@/entities/recipe/queries";
import { useIsHydrating } from "@/lib/hydration";
import { ADD_DATA } from "@/lib/routes";

import { EMPTY_DRAFT } from "./draft";
import { loadDraft } from "./draft-store";
import { FormSkeleton } from "./form-skeleton";
import { initialDraft } from "./initial-draft";
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
  const datasets = useDatasets({}, MOST_NAMED);
  const models = useBaseModels();
  const source = useQuery({ ...jobDetailOptions(address.from ?? ""), enabled: address.from !== null });
  const failed = [recipes, datasets, models].find((query) => query.error);
  const retry = () => Promise.all([recipes, datasets, models].filter((one) => one.error).map((one) => one.refetch()));
  if (failed) {
    return <ProblemState problem={failed.error} onRetry={() => void retry()} retrying={failed.isFetching} />;
  }
  const isWaiting = !recipes.data || datasets.isPending || models.isPending;
  if (isWaiting || (address.from !== null && source.isPending)) return <FormSkeleton />;
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
  return (
    <>
      {source.error && <ProblemState problem={source.error} title={t("sourceMissing")} className="mb-3" />}
      <TrainingForm
        key={`${address.from} ${isHydrating}`}
        recipes={training}
        datasets={datasets.datasets}
        models={models.models}
        isKept={!isHydrating}
        initial={initialDraft(isHydrating ? EMPTY_DRAFT : loadDraft(), training, datasets.datasets, models.models, source.data, address.base)}
      />
    </>
  );
}
