"use client";

import { useTranslations } from "next-intl";

import { PersonsName } from "@/components/ui/persons-name";
import { StateBadge } from "@/components/ui/state-badge";

import { type Chain, currentOf } from "./chain";

const MOST_NAMES = 6;

/** Which jobs a question is about. */
export function ChainNames({ chains }: { chains: readonly Chain[] }) {
  const t = useTranslations("training");
  const more = chains.length - MOST_NAMES;
  return (
    <ul className="divide-y rounded-md border">
      {chains.slice(0, MOST_NAMES).map((chain) => (
        <li key={chain.job.id} className="flex min-h-8 items-center gap-3 px-2.5">
          <span className="min-w-0 grow truncate"><PersonsName>{chain.job.name}</PersonsName></span>
          <StateBadge state={currentOf(chain).state} />
        </li>
      ))}
      {more > 0 && <li className="px-2.5 py-1.5 text-xs text-ink-3">{t("andMore", { count: more })}</li>}
    </ul>
  );
}
