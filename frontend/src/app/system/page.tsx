import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { SystemView } from "@/views/system/system-view";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav.pages");
  return { title: t("system") };
}

export default function SystemPage() {
  return <SystemView />;
}
