"use client";

import { CopyPlus, ListChecks, Play, Square, Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";

import { MenuItem, MenuSeparator } from "@/components/ui/menu";
import { isOver, openJobs, resumable } from "@/entities/job/chain";
import { useJobActions } from "@/entities/job/job-actions";
import { labelledJob } from "@/entities/job/labelled";
import { EditLabelItem } from "@/entities/label/edit-item";
import { useRecipeBook } from "@/entities/recipe/queries";

import type { RowMenuProps } from "./row-menu";

/** What can be done with a row. */
export function RowMenuItems({ chain, isSelected, onSelect, onCancel, onDelete }: RowMenuProps) {
  const t = useTranslations("training.menu");
  const { duplicate, resume } = useJobActions();
  const book = useRecipeBook();
  const again = resumable(chain, book);
  return (
    <>
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
      <EditLabelItem {...labelledJob(chain.job, book)} />
      {isOver(chain) && (
        <>
          <MenuSeparator />
          <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={onDelete}>
            {t("delete")}
          </MenuItem>
        </>
      )}
    </>
  );
}
