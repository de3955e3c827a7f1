import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { FirstAnswers } from "@/app/first-answers";
import { datasetReads } from "@/views/dataset/reads";
import { DatasetView } from "@/views/dataset/dataset-view";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav.pages");
  return { title: t("datasets") };
}

export default async function DatasetPage({ params }: PageProps<"/datasets/[id]">) {
  const { id } = await params;
  return (
    <FirstAnswers reads={datasetReads(id)}>
      <DatasetView id={id} />
    </FirstAnswers>
  );
}
