import { useTranslations } from "next-intl";

import type { FoundModelOut, JobOut } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

import { BaseItem } from "./base-item";

interface FoundItemProps {
  found: FoundModelOut;
  /** Where the hub is. */
  endpoint: string;
  examples: number;
  job: JobOut | null;
}

/** One model of the hub, as a recommended one is drawn. */
export function FoundItem({ found, endpoint, examples, job }: FoundItemProps) {
  const t = useTranslations("find.hub");
  const words = useTranslations("find.base");
  const format = useFormat();
  const repo = found.reference.replace(/^hf:/, "");
  const knowsJapanese = found.languages.includes("ja") || found.languages.includes("jpn");
  return (
    <BaseItem
      base={{ ...found, title: repo.split("/").at(-1) ?? repo, japanese: knowsJapanese ? "among_others" : null, is_bundled: false }}
      examples={examples}
      job={job}
      obstacle={found.obstacle}
      details={
        <p className="mt-1.5 text-xs text-ink-3">
          {[
            t("downloads", { count: format.number(found.downloads, { notation: "compact" }) }),
            t("likes", { count: format.number(found.likes, { notation: "compact" }) }),
            found.updated_at && t("updated", { time: format.date(found.updated_at) }),
          ]
            .filter(Boolean)
            .join(" · ")}
          {" · "}
          <a href={`${endpoint}/${repo}`} target="_blank" rel="noreferrer" className="text-ai underline underline-offset-2">
            {words("toHub")}
          </a>
        </p>
      }
    />
  );
}
