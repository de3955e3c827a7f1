"use client";

import { Bell, BellOff } from "lucide-react";
import { useTranslations } from "next-intl";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { turnNoticesOff, turnNoticesOn, useNotices } from "@/lib/notices";

const TONE = { on: "good", off: "neutral", denied: "caution", unsupported: "neutral" } as const;

/** The notifications of this browser: it is asked when one turns them on, never before. */
export function BrowserCard() {
  const t = useTranslations("notifications.browser");
  const notices = useNotices();
  return (
    <Card title={t("title")} aside={<Badge tone={TONE[notices]}>{t(`state.${notices}`)}</Badge>}>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <p aria-live="polite" className="min-w-0 grow basis-72 text-pretty text-ink-2">
          {t(`words.${notices}`)}
        </p>
        {notices === "off" && (
          <Button variant="primary" onClick={() => void turnNoticesOn()}>
            <Bell aria-hidden />
            {t("turnOn")}
          </Button>
        )}
        {notices === "on" && (
          <Button onClick={turnNoticesOff}>
            <BellOff aria-hidden />
            {t("turnOff")}
          </Button>
        )}
      </div>
    </Card>
  );
}
