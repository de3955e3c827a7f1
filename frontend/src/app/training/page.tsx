import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { FirstAnswers } from "@/app/first-answers";
import { Words } from "@/app/words";
import { trainingReads } from "@/views/training/reads";
import { TrainingView } from "@/views/training/training-view";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav.pages");
  return { title: t("training") };
}

export default function TrainingPage() {
  return (
    <FirstAnswers reads={trainingReads}>
      <Words of="/training">
        <TrainingView />
      </Words>
    </FirstAnswers>
  );
}
