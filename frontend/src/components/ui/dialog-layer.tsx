"use client";

import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { cn } from "@/lib/cn";
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
  const t = useTranslations("ui.dialog");
  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      <Base.Portal>
        <Base.Backdrop className={VEIL} />
        <Base.Popup
          className={cn(
            "layer fixed top-[max(1rem,18vh)] left-1/2 z-50 flex max-h-[76vh] w-[calc(100vw-2rem)] -translate-x-1/2 flex-col",
            wide ? "max-w-2xl" : "max-w-md",
          )}
        >
          <div className="flex items-start gap-3 px-4 pt-3.5">
            <div className="min-w-0 grow">
              <Base.Title className="text-base font-semibold">{title}</Base.Title>
              {description && <Base.Description className="mt-0.5 text-ink-2">{description}</Base.Description>}
            </div>
            <Base.Close
              aria-label={t("close")}
              className="-mr-1.5 grid size-7 shrink-0 place-items-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
            >
              <X className="size-4" aria-hidden />
            </Base.Close>
          </div>
          {children && <div className="min-h-0 overflow-y-auto px-4 pt-3">{children}</div>}
          {actions ? <div className="flex flex-wrap justify-end gap-2 p-4">{actions}</div> : <div className="h-4 shrink-0" />}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
