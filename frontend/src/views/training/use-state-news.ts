import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";

import type { Chain } from "@/entities/job/chain";
import type { JobState } from "@/lib/api/generated/types.gen";

/** A sentence about the jobs whose state has changed since the page last looked, for those who listen. */
export function useStateNews(chains: readonly Chain[]): string {
  const t = useTranslations("training");
  const states = useTranslations("states.job");
  const seen = useRef<ReadonlyMap<string, JobState>>(new Map());
  const [news, setNews] = useState("");
  useEffect(() => {
    const now = new Map(chains.map(({ job }) => [job.id, job.state]));
    const changed = chains.filter(({ job }) => (seen.current.get(job.id) ?? job.state) !== job.state);
    seen.current = now;
    if (changed.length > 0) {
      setNews(changed.map(({ job }) => t("news", { name: job.name, state: states(job.state) })).join(" "));
    }
  }, [chains, t, states]);
  return news;
}
