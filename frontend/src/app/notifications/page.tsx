import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { FirstAnswers } from "@/app/first-answers";
import { Words } from "@/app/words";
import { NotificationsView } from "@/views/notifications/notifications-view";
import { notificationsReads } from "@/views/notifications/reads";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav.pages");
  return { title: t("notifications") };
}

export default function NotificationsPage() {
  return (
    <FirstAnswers reads={notificationsReads}>
      <Words of="/notifications">
        <NotificationsView />
      </Words>
    </FirstAnswers>
  );
}
