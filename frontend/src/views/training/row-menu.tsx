"use client";

import { CopyPlus, Ellipsis, ListChecks, Play, Square, Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";

import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/menu";
import { type Chain, isOver, openJobs, resumable } from "@/entities/job/chain";
import { useJobActions } from "@/entities/job/job-actions";

interface RowMenuProps {
  chain: Chain;
  isSelected: boolean;
  onSelect: () => void;
  onCancel: () => void;
  onDelete: () => void;
}

/** What can be done with a row. */
export function RowMenu({ chain, isSelected, onSelect, onCancel, onDelete }: RowMenuProps) {
  const t = useTranslations("training.menu");
  const { duplicate, resume } = useJobActions();
  const again = resumable(chain);
  return (
    <Menu
      trigger={
        <IconButton label={t("label", { name: chain.job.name })}>
          <Ellipsis aria-hidden />
        </IconButton>
      }
    >
      {openJobs(chain).length > 0 && (
        <MenuItem icon={<Square aria-hidden />} onSelect={onCancel}>
          {t("cancel")}
        </MenuItem>
      )}
      {again && (
        <MenuItem icon={<Play aria-hidden />} onSelect={() => void resume(again)}>
          {t("resume")}
        </MenuItem>
      )}
      <MenuItem icon={<CopyPlus aria-hidden />} onSelect={() => void duplicate([chain.job])}>
        {t("duplicate")}
      </MenuItem>
      <MenuItem icon={<ListChecks aria-hidden />} keys="x" onSelect={onSelect}>
        {isSelected ? t("deselect") : t("select")}
      </MenuItem>
      {isOver(chain) && (
        <>
          <MenuSeparator />
          <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={onDelete}>
            {t("delete")}
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
