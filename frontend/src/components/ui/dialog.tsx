"use client";

import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactElement, ReactNode } from "react";

import { cn } from "@/lib/cn";

interface DialogProps {
  /** The button that opens it, where it opens itself. */
  trigger?: ReactElement;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  /** The buttons: what ends it, the chosen one last. */
  actions?: ReactNode;
  wide?: boolean;
  children?: ReactNode;
}

export const VEIL =
  "fixed inset-0 z-40 bg-veil transition-opacity ease-out data-ending-style:opacity-0 data-starting-style:opacity-0";

/** A question that has to be answered before anything else. */
export function Dialog({ trigger, open, onOpenChange, title, description, actions, wide, children }: DialogProps) {
  const t = useTranslations("ui.dialog");
  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      {trigger && <Base.Trigger render={trigger} />}
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

/** Around a button of `actions`: presses it and closes. */
export function DialogClose({ children }: { children: ReactElement }) {
  return <Base.Close render={children} />;
}
