"use client";

import { ChartLine, CopyPlus, Square, Trash2, X } from "lucide-react";
import type { Route } from "next";
import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { LinkButton } from "@/components/ui/link-button";
import { type Chain, isOver, openJobs } from "@/entities/job/chain";
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

/** What can be done with the chosen rows; lies over the end of the page, so that nothing moves when it comes. */
export function SelectionBar({ chains, onClear, onCancel, onDelete }: SelectionBarProps) {
  const t = useTranslations("training.selection");
  const { duplicate } = useJobActions();
  const open = chains.filter((chain) => openJobs(chain).length > 0);
  const over = chains.filter(isOver);
  const canCompare = chains.length >= FEWEST && chains.length <= MOST;
  return (
    <div className="pointer-events-none sticky bottom-3 z-20 mt-3 flex justify-center">
      <div
        role="toolbar"
        aria-label={t("label")}
        className="layer pointer-events-auto flex max-w-full flex-wrap items-center gap-2 py-1.5 pr-1.5 pl-3.5"
      >
        <span role="status" className="mr-1 whitespace-nowrap">
          {t("count", { count: chains.length })}
        </span>
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
        {over.length > 0 && (
          <Button variant="danger" onClick={() => onDelete(over)}>
            <Trash2 aria-hidden />
            {t("delete", { count: over.length })}
          </Button>
        )}
        <IconButton label={t("clear")} keys="Esc" onClick={onClear}>
          <X aria-hidden />
        </IconButton>
      </div>
    </div>
  );
}

function compareAddress(chains: readonly Chain[]): Route {
  return comparison(chains.map(({ job }) => job.id));
}
