import { getTranslations } from "next-intl/server";
import type { Metadata } from "next";

import { EmptyState } from "@/components/ui/empty-state";
import { LinkButton } from "@/components/ui/link-button";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("common.notFound");
  return { title: t("title") };
}

export default async function NotFound() {
  const t = await getTranslations("common.notFound");
  return (
    <EmptyState
      isPage
      className="py-28"
      title={t("title")}
      description={t("description")}
      action={
        <LinkButton href="/" variant="primary">
          {t("home")}
        </LinkButton>
      }
    />
  );
}
