"use client";

import { Menu as MenuIcon, Search } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { Kbd } from "@/components/ui/kbd";
import { Breadcrumb } from "./breadcrumb";
import { LOADED_BY, type Overlay, openOverlay, useOverlay } from "./overlays";

interface TopBarProps {
  strip?: ReactNode;
  note?: ReactNode;
}

export function TopBar({ strip, note }: TopBarProps) {
  const t = useTranslations("nav");
  const open = useOverlay((overlay) => overlay.open);
  const opens = (overlay: Overlay) => {
    const reach = () => void LOADED_BY[overlay]().catch(() => undefined); // opening it tries again
    return { "aria-haspopup": "dialog", "aria-expanded": open === overlay, onClick: () => openOverlay(overlay), onPointerEnter: reach, onFocus: reach } as const;
  };
  return (
    <header className="sticky top-0 z-30 flex h-11 items-center gap-3 border-b bg-bg px-3 md:px-5">
      <IconButton label={t("openMenu")} className="-ml-1 md:hidden" {...opens("menu")}>
        <MenuIcon aria-hidden />
      </IconButton>
      <Breadcrumb />
      {/* As wide as it may be from the first: what comes late in it moves nothing. */}
      <div className="flex shrink-0 grow items-center justify-end gap-4">
        {note}
        {strip && <div className="hidden lg:block">{strip}</div>}
        <Button variant="quiet" size="sm" aria-keyshortcuts="Control+K Meta+K" {...opens("palette")}>
          <Search aria-hidden />
          <span className="sr-only">{t("openPalette")}</span>
          <span aria-hidden className="hidden sm:contents">
            <Kbd keys="mod+k" />
          </span>
        </Button>
      </div>
    </header>
  );
}
