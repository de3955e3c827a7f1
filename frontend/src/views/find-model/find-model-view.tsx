"use client";

import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { parseAsStringLiteral, useQueryState } from "nuqs";

import { Page } from "@/components/layout/page";
import { LinkButton } from "@/components/ui/link-button";
import { Tabs } from "@/components/ui/tabs";
import { useRecommended } from "@/entities/model/discovery";

import { MachineLine } from "./machine-line";
import { RecommendedList } from "./recommended-list";

const HubSearch = dynamic(() => import("./hub-search").then((module) => module.HubSearch));

const TABS = ["recommended", "hub"] as const;

/** A base model for whoever knows no names: what is good to begin with on this machine, and what the hub has. */
export function FindModelView() {
  const t = useTranslations("find");
  const recommended = useRecommended();
  const [tab, setTab] = useQueryState("tab", parseAsStringLiteral(TABS).withDefault("recommended"));
  return (
    <Page title={t("title")} description={t("description")} actions={<LinkButton href="/models">{t("back")}</LinkButton>}>
      <div className="grid gap-3">
        <MachineLine machine={recommended.data?.machine} />
        <Tabs
          label={t("title")}
          value={tab}
          onChange={(next) => void setTab(next)}
          tabs={[
            { value: "recommended", label: t("hub.recommendedTab"), panel: <RecommendedList query={recommended} /> },
            { value: "hub", label: t("hub.tab"), panel: <HubSearch /> },
          ]}
        />
      </div>
    </Page>
  );
}
