"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";

import type { GoalOut } from "@/lib/api/generated/types.gen";

/** What a goal says when it is reached, and the settings that belong to it. */
export function useGoalWords() {
  const t = useTranslations("course.goal");
  return useCallback(
    ({ kind, words, settings }: GoalOut) => ({
      words: kind === "by_hand" ? words : t(kind, { words: kind === "file" ? words.toUpperCase() : words }),
      settings: settings
        .filter(({ value }) => value !== false)
        .map(({ title, value }) => (value === true ? title : `${title} ${String(value)}`))
        .join(" · "),
    }),
    [t],
  );
}
