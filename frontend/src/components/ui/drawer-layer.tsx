"use client";

import { Drawer as Base } from "@base-ui/react/drawer";
import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { cn } from "@/lib/cn";
import { VEIL } from "./veil";

interface DrawerLayerProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  side: "left" | "right";
  title: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

const SIDE = {
  left: "left-0 border-r data-starting-style:-translate-x-full data-ending-style:-translate-x-full",
  right: "right-0 border-l data-starting-style:translate-x-full data-ending-style:translate-x-full",
} as const;

/** What a Drawer opens. */
export function DrawerLayer({ open, onOpenChange, side, title, description, actions, children }: DrawerLayerProps) {
  const t = useTranslations("ui.dialog");
  return (
    <Base.Root open={open} onOpenChange={onOpenChange} swipeDirection={side}>
      <Base.Portal>
        <Base.Backdrop className={VEIL} />
        <Base.Viewport className="fixed inset-0 z-50">
          <Base.Popup
            className={cn(
              "absolute inset-y-0 flex w-[min(26rem,calc(100vw-3rem))] flex-col border-line-strong bg-panel shadow-layer outline-none",
              "translate-x-(--drawer-swipe-movement-x) transition-transform duration-200 ease-out data-swiping:transition-none",
              SIDE[side],
            )}
          >
            <div className="flex items-start gap-3 border-b px-4 py-3">
              <div className="min-w-0 grow">
                <Base.Title className="text-base font-semibold">{title}</Base.Title>
                {description && <Base.Description className="text-ink-2">{description}</Base.Description>}
              </div>
              <Base.Close
                aria-label={t("close")}
                className="-mr-1.5 grid size-7 shrink-0 place-items-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
              >
                <X className="size-4" aria-hidden />
              </Base.Close>
            </div>
            <Base.Content className="min-h-0 grow overflow-y-auto p-4">{children}</Base.Content>
            {actions && <div className="flex flex-wrap justify-end gap-2 border-t p-3">{actions}</div>}
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
}
