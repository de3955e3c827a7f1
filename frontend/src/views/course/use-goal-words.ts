"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";

import type { GoalOut } from "@/lib/api/generated/types.gen";

/** What a goal says when it is reached, and the settings that belong to it. */
export function useGoalWords() {
  const t = useTranslations("course");
  return useCallback(
    ({ kind, words, settings: given }: GoalOut) => {
      const settings = given.map(({ title, value }) => (value === true ? title : `${title} ${String(value)}`)).join(" · ");
      return {
        words: kind === "by_hand" ? words : t(`goal.${kind}`, { words: kind === "file" ? words.toUpperCase() : words }),
        settings: kind === "question" && settings ? t("ofModel", { settings }) : settings,
      };
    },
    [t],
  );
}
