import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { FirstAnswers } from "@/app/first-answers";
import { Words } from "@/app/words";
import { FindModelView } from "@/views/find-model/find-model-view";
import { findModelReads } from "@/views/find-model/reads";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav.pages");
  return { title: t("findModel") };
}

export default function FindModelPage() {
  return (
    <FirstAnswers reads={findModelReads}>
      <Words of="/models/find">
        <FindModelView />
      </Words>
    </FirstAnswers>
  );
}
