import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { Words } from "@/app/words";
import { DatasetsView } from "@/views/datasets/datasets-view";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav.pages");
  return { title: t("datasets") };
}

/** What it shows first is read for the frame already. */
export default function DatasetsPage() {
  return (
    <Words of="/datasets">
      <DatasetsView />
    </Words>
  );
}
