import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { FirstAnswers } from "@/app/first-answers";
import { Words } from "@/app/words";
import { modelsReads } from "@/views/models/reads";
import { ModelsView } from "@/views/models/models-view";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav.pages");
  return { title: t("models") };
}

export default function ModelsPage() {
  return (
    <FirstAnswers reads={modelsReads}>
      <Words of="/models">
        <ModelsView />
      </Words>
    </FirstAnswers>
  );
}
