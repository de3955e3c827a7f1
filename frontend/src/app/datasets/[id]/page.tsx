import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { FirstAnswers, nameFor } from "@/app/first-answers";
import { Words } from "@/app/words";
import { datasetOptions } from "@/entities/dataset/queries";
import { datasetReads } from "@/views/dataset/reads";
import { DatasetView } from "@/views/dataset/dataset-view";

export async function generateMetadata({ params }: PageProps<"/datasets/[id]">): Promise<Metadata> {
  const { id } = await params;
  const t = await getTranslations("nav.pages");
  return { title: (await nameFor((client) => client.query(datasetOptions(id)))) ?? t("datasets") };
}

export default async function DatasetPage({ params }: PageProps<"/datasets/[id]">) {
  const { id } = await params;
  return (
    <FirstAnswers reads={datasetReads(id)}>
      <Words of="/datasets/[id]">
        <DatasetView id={id} />
      </Words>
    </FirstAnswers>
  );
}
