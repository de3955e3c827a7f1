"use client";

import { useTranslations } from "next-intl";

import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Progress } from "@/components/ui/progress";
import { JOB_STATES, StateBadge } from "@/components/ui/state-badge";

export function StatusSpecimens() {
  const t = useTranslations("devUi.words");
  return (
    <div className="grid gap-3 lg:grid-cols-2">
      <Card>
        <div className="flex flex-wrap gap-2">
          {JOB_STATES.map((state) => (
            <StateBadge key={state} state={state} detail={state === "running" ? "64%" : undefined} />
          ))}
          <Badge tone="good">{t("usable")}</Badge>
          <Badge tone="caution">{t("truncated")}</Badge>
          <Badge tone="bad">{t("empty")}</Badge>
          <Badge>{t("bundled")}</Badge>
          <Badge tone="ai">q8_0</Badge>
        </div>
      </Card>
      <Card>
        <div className="grid gap-3">
          <Progress label={t("upload")} value={0.64} detail="612 / 960" />
          <Progress label={t("unknownEnd")} value={null} detail="" />
          <Progress label={t("memory")} value={0.86} detail="20.6 / 24 GB" tone="caution" />
          <Progress label={t("upload")} value={1} tone="good" />
        </div>
      </Card>
    </div>
  );
}
