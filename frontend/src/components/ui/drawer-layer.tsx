"use client";

import { Drawer as Base } from "@base-ui/react/drawer";
import type { ReactNode } from "react";

import { cn } from "@/lib/cn";
import { LayerHead } from "./layer-head";
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
            <LayerHead title={title} description={description} className="border-b py-3" />
            <Base.Content className="min-h-0 grow overflow-y-auto p-4">{children}</Base.Content>
            {actions && <div className="flex flex-wrap justify-end gap-2 border-t p-3">{actions}</div>}
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
}
