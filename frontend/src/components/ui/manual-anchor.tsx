"use client";

import { BookOpen } from "lucide-react";
import { useTranslations } from "next-intl";

import { useApiLink } from "@/lib/api/address";
import { cn } from "@/lib/cn";
import { buttonStyle } from "./button-style";

export interface ManualLinkProps {
  /** An address of the API: a page of the manual, or what leads to one. */
  page: string;
  /** Within a sentence, instead of beside its buttons. */
  plain?: boolean;
  className?: string;
}

/** The way to what the manual says of an error; it opens beside the page, which loses nothing. */
export function ManualAnchor({ page, plain = false, className }: ManualLinkProps) {
  const t = useTranslations("ui.error");
  const link = useApiLink();
  const style = plain ? "inline-flex items-center gap-1 font-medium underline" : buttonStyle({ size: "sm" });
  return (
    <a href={link(page)} target="_blank" rel="noreferrer" className={cn(style, className)}>
      <BookOpen className="size-3.5" aria-hidden />
      {t("help")}
    </a>
  );
}
