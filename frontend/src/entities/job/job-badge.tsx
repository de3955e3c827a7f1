"use client";

import { useTranslations } from "next-intl";

import { Badge } from "@/components/ui/badge";
import { StateBadge, StateMark } from "@/components/ui/state-badge";
import type { JobOut } from "@/lib/api/generated/types.gen";
import { hasDiverged } from "./figures";

interface JobBadgeProps {
  job: Pick<JobOut, "state" | "failure">;
  /** What follows it is not over: it is not all done. */
  goesOn?: boolean;
}

/** Where a job stands; of a failed one, whether it diverged. */
export function JobBadge({ job, goesOn }: JobBadgeProps) {
  const t = useTranslations("states");
  if (goesOn) {
    return (
      <Badge tone="ai" mark={<StateMark state="running" />}>
        {t("trained")}
      </Badge>
    );
  }
  return <StateBadge state={job.state} detail={hasDiverged(job) ? t("diverged") : undefined} />;
}
