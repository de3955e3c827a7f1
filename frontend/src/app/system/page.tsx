import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { FirstAnswers } from "@/app/first-answers";
import { Words } from "@/app/words";
import { systemReads } from "@/views/system/reads";
import { SystemView } from "@/views/system/system-view";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav.pages");
  return { title: t("system") };
}

export default function SystemPage() {
  return (
    <FirstAnswers reads={systemReads}>
      <Words of="/system">
        <SystemView />
      </Words>
    </FirstAnswers>
  );
}
