import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { FirstAnswers } from "@/app/first-answers";
import { Words } from "@/app/words";
import { DatasetsView } from "@/views/datasets/datasets-view";
import { datasetsReads } from "@/views/datasets/reads";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav.pages");
  return { title: t("datasets") };
}

export default function DatasetsPage() {
  return (
    <FirstAnswers reads={datasetsReads}>
      <Words of="/datasets">
        <DatasetsView />
      </Words>
    </FirstAnswers>
  );
}
