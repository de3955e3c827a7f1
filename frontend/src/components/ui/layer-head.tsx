"use client";

import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { cn } from "@/lib/cn";

interface LayerHeadProps {
  title: ReactNode;
  description?: ReactNode;
  className?: string;
}

/** The top of a dialog or drawer: what it is, and the way out. Base UI's drawer is a dialog, so its parts fit both. */
export function LayerHead({ title, description, className }: LayerHeadProps) {
  const t = useTranslations("ui.dialog");
  return (
    <div className={cn("flex items-start gap-3 px-4", className)}>
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
  );
}
