"use client";

import { ChartLine, CopyPlus, Square, Trash2 } from "lucide-react";
import type { Route } from "next";
import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { LinkButton } from "@/components/ui/link-button";
import { SelectionBar as Bar } from "@/components/ui/selection-bar";
import { type Chain, openJobs } from "@/entities/job/chain";
import { useJobActions } from "@/entities/job/job-actions";
import { comparison } from "@/lib/routes";

const FEWEST = 2;
const MOST = 8;

interface SelectionBarProps {
  chains: readonly Chain[];
  onClear: () => void;
  onCancel: (chains: readonly Chain[]) => void;
  onDelete: (chains: readonly Chain[]) => void;
}

/** What can be done with the chosen trainings. */
export function SelectionBar({ chains, onClear, onCancel, onDelete }: SelectionBarProps) {
  const t = useTranslations("training.selection");
  const { duplicate } = useJobActions();
  const open = chains.filter((chain) => openJobs(chain).length > 0);
  const canCompare = chains.length >= FEWEST && chains.length <= MOST;
  return (
    <Bar label={t("label")} count={t("count", { count: chains.length })} clear={t("clear")} onClear={onClear}>
      {canCompare ? (
        <LinkButton variant="primary" href={compareAddress(chains)}>
          <ChartLine aria-hidden />
          {t("compare")}
        </LinkButton>
      ) : (
        <span className="text-xs text-ink-3">{t(chains.length < FEWEST ? "tooFew" : "tooMany", { most: MOST })}</span>
      )}
      <Button onClick={() => void duplicate(chains.map(({ job }) => job))}>
        <CopyPlus aria-hidden />
        {t("duplicate")}
      </Button>
      {open.length > 0 && (
        <Button onClick={() => onCancel(open)}>
          <Square aria-hidden />
          {t("cancel", { count: open.length })}
        </Button>
      )}
      <Button variant="danger" aria-haspopup="dialog" onClick={() => onDelete(chains)}>
        <Trash2 aria-hidden />
        {t("delete", { count: chains.length })}
      </Button>
    </Bar>
  );
}

function compareAddress(chains: readonly Chain[]): Route {
  return comparison(chains.map(({ job }) => job.id));
}
