import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { createLoader, parseAsArrayOf, parseAsString } from "nuqs/server";

import { FirstAnswers } from "@/app/first-answers";
import { Words } from "@/app/words";
import { CompareView } from "@/views/compare/compare-view";
import { compareReads } from "@/views/compare/reads";

const addressOf = createLoader({ ids: parseAsArrayOf(parseAsString).withDefault([]) });

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav.pages");
  return { title: t("compare") };
}

export default async function ComparePage({ searchParams }: PageProps<"/training/compare">) {
  const { ids } = await addressOf(searchParams);
  return (
    <FirstAnswers reads={compareReads(ids)}>
      <Words of="/training/compare">
        <CompareView />
      </Words>
    </FirstAnswers>
  );
}
