import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { FirstAnswers } from "@/app/first-answers";
import { Words } from "@/app/words";
import { EvaluationsView } from "@/views/evaluations/evaluations-view";
import { evaluationsReads } from "@/views/evaluations/reads";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav.pages");
  return { title: t("evaluations") };
}

export default function EvaluationsPage() {
  return (
    <FirstAnswers reads={evaluationsReads}>
      <Words of="/evaluate">
        <EvaluationsView />
      </Words>
    </FirstAnswers>
  );
}
