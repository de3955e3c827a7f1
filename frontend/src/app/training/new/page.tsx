import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { createLoader, parseAsString } from "nuqs/server";

import { FirstAnswers } from "@/app/first-answers";
import { Words } from "@/app/words";
import { newTrainingReads } from "@/views/new-training/reads";
import { NewTrainingView } from "@/views/new-training/new-training-view";

const addressOf = createLoader({ dataset: parseAsString, base: parseAsString, from: parseAsString });

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav.pages");
  return { title: t("newTraining") };
}

export default async function NewTrainingPage({ searchParams }: PageProps<"/training/new">) {
  return (
    <FirstAnswers reads={newTrainingReads(await addressOf(searchParams))}>
      <Words of="/training/new">
        <NewTrainingView />
      </Words>
    </FirstAnswers>
  );
}
