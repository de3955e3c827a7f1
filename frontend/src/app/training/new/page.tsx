import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { FirstAnswers } from "@/app/first-answers";
import { newTrainingReads } from "@/views/new-training/reads";
import { NewTrainingView } from "@/views/new-training/new-training-view";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav.pages");
  return { title: t("newTraining") };
}

export default function NewTrainingPage() {
  return (
    <FirstAnswers reads={newTrainingReads}>
      <NewTrainingView />
    </FirstAnswers>
  );
}
