"use client";

import { useTranslations } from "next-intl";

import { Page } from "@/components/layout/page";

import { BrowserCard } from "./browser-card";
import { WebhooksCard } from "./webhooks-card";

/** How one hears that a job has ended: by this browser, and by addresses that are told. */
export function NotificationsView() {
  const t = useTranslations("notifications");
  return (
    <Page title={t("title")} description={t("description")}>
      <div className="grid gap-3">
        <BrowserCard />
        <WebhooksCard />
      </div>
    </Page>
  );
}
