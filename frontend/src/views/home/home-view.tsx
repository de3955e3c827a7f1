"use client";

import { useTranslations } from "next-intl";

import { Page } from "@/components/layout/page";
import { LinkButton } from "@/components/ui/link-button";
import { ProblemState } from "@/components/ui/problem";

import { CourseDoor } from "./course-door";
import { FirstSteps } from "./first-steps";
import { FlowSteps } from "./flow-steps";
import { JobsCard } from "./jobs-card";
import { ModelsCard } from "./models-card";
import { useFacts } from "./use-facts";

/** From a file of examples to a model that answers: where one stands, and the one thing to do next. */
export function HomeView() {
  const t = useTranslations("home");
  const { facts, problem, retry } = useFacts();
  const isEmpty = facts !== null && facts.datasets.length === 0 && facts.trainings.length === 0;
  return (
    <Page
      title={t("title")}
      description={t("description")}
      // On a phone it would push the page down when it comes; there the steps lead on.
      actions={facts && !isEmpty && <LinkButton href="/training/new" className="max-sm:hidden">{t("newTraining")}</LinkButton>}
    >
      <div className="grid gap-3">
        {problem ? <ProblemState problem={problem} onRetry={retry} /> : <FlowSteps facts={facts} hideNext={isEmpty} />}
        {isEmpty && <FirstSteps />}
        {isEmpty && <CourseDoor />}
        {facts && !isEmpty && !problem && (
          <div className="grid items-start gap-3 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
            <JobsCard facts={facts} />
            <ModelsCard facts={facts} />
          </div>
        )}
      </div>
    </Page>
  );
}
