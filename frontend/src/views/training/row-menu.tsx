"use client";

import { Ellipsis } from "lucide-react";
import { useTranslations } from "next-intl";

import { IconButton } from "@/components/ui/icon-button";
import { lazyPart } from "@/components/ui/lazy-layer";
import { Menu } from "@/components/ui/menu";
import type { Chain } from "@/entities/job/chain";

/** They come with the menu's own code, when it is opened. */
const RowMenuItems = lazyPart(() => import("./row-menu-items").then((module) => module.RowMenuItems));

export interface RowMenuProps {
  chain: Chain;
  isSelected: boolean;
  onSelect: () => void;
  onCancel: () => void;
  onDelete: () => void;
}

/** What can be done with a row, behind three dots. */
export function RowMenu(props: RowMenuProps) {
  const t = useTranslations("training.menu");
  return (
    <Menu
      trigger={
        <IconButton label={t("label", { name: props.chain.job.name })}>
          <Ellipsis aria-hidden />
        </IconButton>
      }
    >
      <RowMenuItems {...props} />
    </Menu>
  );
}
