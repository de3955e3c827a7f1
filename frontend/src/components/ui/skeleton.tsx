"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { cn } from "@/lib/cn";

/** Holds the place of something that is on its way. Give it the size of what will come. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cn("animate-breathe weak:h-4 weak:rounded-sm weak:bg-line", className)} />;
}

/** Around skeletons: nothing shows for 200 ms, since what comes that soon needs no place held in grey. */
export function Loading({ className, children }: { className?: string; children: ReactNode }) {
  const t = useTranslations("ui.loading");
  return (
    <div role="status" aria-label={t("label")} className={cn("animate-appear", className)}>
      {children}
    </div>
  );
}
