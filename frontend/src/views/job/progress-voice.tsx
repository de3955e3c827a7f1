"use client";

import { useTranslations } from "next-intl";
import { useEffect } from "react";

import { useAnnounced } from "@/components/chart/use-announced";
import { leftOf, shareOfWork } from "@/entities/job/progress";
import { useRecipeBook } from "@/entities/recipe/queries";
import type { JobDetail } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

const PARTS = 10;
const EVERY_MS = 3000;

/** The state and every tenth of the way, for those who listen. */
export function ProgressVoice({ job }: { job: JobDetail }) {
  const t = useTranslations("job.voice");
  const states = useTranslations("states.job");
  const { percent, duration } = useFormat();
  const [words, announce] = useAnnounced(EVERY_MS);
  const share = shareOfWork(job, useRecipeBook());
  const tenth = share === null ? null : Math.floor(share * PARTS) / PARTS;
  const left = leftOf(job);
  const state = states(job.state);
  const said = tenth !== null ? t("progress", { state, percent: percent(tenth) }) : t("state", { state });
  useEffect(() => {
    announce(left ? `${said} ${t("left", { time: duration(left) })}` : said);
    // What is left changes all the time; it is said only along with the rest.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [said, announce]);
  return (
    <span role="status" className="sr-only">
      {words}
    </span>
  );
}
