import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { CompareView } from "@/views/compare/compare-view";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav.pages");
  return { title: t("compare") };
}

export default function ComparePage() {
  return <CompareView />;
}
