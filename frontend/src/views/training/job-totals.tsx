"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";

import { ListTotals } from "@/components/ui/list-totals";
import type { JobFilters } from "@/entities/job/keys";
import { jobTotalsOptions } from "@/entities/job/queries";
import { useFormat } from "@/lib/use-format";

/** What the jobs of the list come to, those included that it does not show yet. */
export function JobTotals({ filters }: { filters: JobFilters }) {
  const t = useTranslations("training.totals");
  const format = useFormat();
  const { data } = useQuery({ ...jobTotalsOptions(filters), placeholderData: keepPreviousData });
  return (
    <ListTotals
      className="-mt-1 mb-2"
      parts={
        data
          ? [
              t("count", { count: data.count }),
              data.run_time_s > 0 && t("time", { time: format.duration(data.run_time_s) }),
              data.tokens > 0 && t("tokens", { tokens: format.number(data.tokens) }),
              data.size_bytes > 0 && t("size", { size: format.bytes(data.size_bytes) }),
            ]
          : []
      }
    />
  );
}
