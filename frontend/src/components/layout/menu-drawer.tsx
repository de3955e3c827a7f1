"use client";

import type { ReactNode } from "react";

import { useTranslations } from "next-intl";

import { Drawer } from "@/components/ui/drawer";
import { LanguageSwitch, ThemeSwitch } from "./look";
import { type NavCounts, NavList } from "./nav-list";
import { closeOverlay, useOverlay } from "./overlays";

/** The rail of a narrow window. */
export function MenuDrawer({ counts, strip, account }: { counts?: NavCounts; strip?: ReactNode; account?: ReactNode }) {
  const t = useTranslations("nav");
  const open = useOverlay((overlay) => overlay.open === "menu");
  return (
    <Drawer
      side="left"
      title={t("menu")}
      open={open}
      onOpenChange={(next) => !next && closeOverlay()}
      actions={
        <div className="flex w-full justify-between">
          <ThemeSwitch />
          <LanguageSwitch />
        </div>
      }
    >
      <NavList counts={counts} roomy onFollow={closeOverlay} />
      {strip && <div className="mt-4 border-t pt-4">{strip}</div>}
      {account && <div className="mt-4">{account}</div>}
    </Drawer>
  );
}
