import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { Words } from "@/app/words";
import { FirstAnswers } from "@/app/first-answers";
import { PlaygroundView } from "@/views/playground/playground-view";
import { playgroundReads } from "@/views/playground/reads";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav.pages");
  return { title: t("playground") };
}

export default function PlaygroundPage() {
  return (
    <Words of="/playground">
      <FirstAnswers reads={playgroundReads}>
        <PlaygroundView />
      </FirstAnswers>
    </Words>
  );
}
