"use client";

import { Dialog as Base } from "@base-ui/react/dialog";
import type { ReactNode } from "react";

import { cn } from "@/lib/cn";
import { takeLostFocus } from "@/lib/focus";
import { LayerHead } from "./layer-head";
import { VEIL } from "./veil";

interface DialogLayerProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  wide?: boolean;
  children?: ReactNode;
}

/** What a Dialog opens. */
export function DialogLayer({ open, onOpenChange, title, description, actions, wide, children }: DialogLayerProps) {
  return (
    <Base.Root open={open} onOpenChange={onOpenChange} onOpenChangeComplete={(isOpen) => !isOpen && takeLostFocus()}>
      <Base.Portal>
        <Base.Backdrop className={VEIL} />
        <Base.Popup
          className={cn(
            "layer fixed top-[max(1rem,18vh)] left-1/2 z-50 flex max-h-[76vh] w-[calc(100vw-2rem)] -translate-x-1/2 flex-col",
            wide ? "max-w-2xl" : "max-w-md",
          )}
        >
          <LayerHead title={title} description={description} className="pt-3.5" />
          {children && <div className="min-h-0 overflow-y-auto px-4 pt-3">{children}</div>}
          {actions ? <div className="flex flex-wrap justify-end gap-2 p-4">{actions}</div> : <div className="h-4 shrink-0" />}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
