"use client";

import { useTranslations } from "next-intl";
import { useMemo } from "react";

import type { NavCounts } from "@/components/layout/nav-list";
import { StateMark } from "@/components/ui/state-badge";
import { useDatasets } from "@/entities/dataset/queries";
import { useSystem } from "@/entities/system/queries";
import { useFormat } from "@/lib/use-format";

/** What stands behind the words of the rail: data sets, and jobs that run. */
export function useCounts(): NavCounts {
  const t = useTranslations("common.counts");
  const format = useFormat();
  const known = useDatasets().total;
  const running = useSystem().data?.queue?.running ?? 0;
  return useMemo(() => {
    const counts: NavCounts = {};
    if (known) counts.datasets = format.number(known);
    if (running > 0) {
      counts.training = (
        <span className="flex items-center gap-1.5 text-ai">
          <StateMark state="running" />
          <span className="sr-only">{t("running")}</span>
          {format.number(running)}
        </span>
      );
    }
    return counts;
  }, [known, running, t, format]);
}
