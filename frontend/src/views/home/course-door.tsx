"use client";

import { useTranslations } from "next-intl";

import { LinkButton } from "@/components/ui/link-button";
import { coursePage } from "@/lib/routes";

/** For those who would rather be led: the first course. */
export function CourseDoor() {
  const t = useTranslations("home.first.course");
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border bg-panel px-3.5 py-2.5">
      <p className="min-w-0 grow basis-72 text-pretty text-ink-2">{t("text")}</p>
      <LinkButton href={coursePage(1)}>{t("open")}</LinkButton>
    </div>
  );
}
