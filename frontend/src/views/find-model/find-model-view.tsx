"use client";

import { useTranslations } from "next-intl";

import { Page } from "@/components/layout/page";
import { LinkButton } from "@/components/ui/link-button";
import { useRecommended } from "@/entities/model/discovery";

import { MachineLine } from "./machine-line";
import { RecommendedList } from "./recommended-list";

/** A base model for whoever knows no names: what is good to begin with on this machine. */
export function FindModelView() {
  const t = useTranslations("find");
  const recommended = useRecommended();
  return (
    <Page
      title={t("title")}
      description={t("description")}
      actions={<LinkButton href="/models">{t("back")}</LinkButton>}
    >
      <div className="grid gap-5">
        <MachineLine machine={recommended.data?.machine} />
        <RecommendedList query={recommended} />
      </div>
    </Page>
  );
}
