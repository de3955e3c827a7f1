"use client";

import { useTranslations } from "next-intl";

import { StateBadge } from "@/components/ui/state-badge";
import type { JobOut } from "@/lib/api/generated/types.gen";
import { hasDiverged } from "./figures";

/** Where a job stands; of a failed one, whether it diverged. */
export function JobBadge({ job }: { job: Pick<JobOut, "state" | "failure"> }) {
  const t = useTranslations("states");
  return <StateBadge state={job.state} detail={hasDiverged(job) ? t("diverged") : undefined} />;
}
