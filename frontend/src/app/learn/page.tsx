import type { Metadata } from "next";
import { getLocale, getTranslations } from "next-intl/server";

import { FirstAnswers } from "@/app/first-answers";
import { Words } from "@/app/words";
import { learnReads } from "@/views/learn/reads";
import { LearnView } from "@/views/learn/learn-view";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav.pages");
  return { title: t("learn") };
}

export default async function LearnPage() {
  return (
    <FirstAnswers reads={learnReads(await getLocale())}>
      <Words of="/learn">
        <LearnView />
      </Words>
    </FirstAnswers>
  );
}
