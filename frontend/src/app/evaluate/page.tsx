import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { Words } from "@/app/words";
import { FirstAnswers } from "@/app/first-answers";
import { EvaluationsView } from "@/views/evaluations/evaluations-view";
import { evaluationsReads } from "@/views/evaluations/reads";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav.pages");
  return { title: t("evaluations") };
}

export default function EvaluationsPage() {
  return (
    <Words of="/evaluate">
      <FirstAnswers reads={evaluationsReads}>
        <EvaluationsView />
      </FirstAnswers>
    </Words>
  );
}
