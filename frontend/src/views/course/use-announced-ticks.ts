"use client";

import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";

import type { Standing } from "@/entities/course/standing";

import { useGoalWords } from "./use-goal-words";

/** A sentence for those who listen, whenever a goal ticks while the page is open. */
export function useAnnouncedTicks(standing: Standing | null): string {
  const t = useTranslations("course");
  const wordsOf = useGoalWords();
  const before = useRef<ReadonlySet<string> | null>(null);
  const [said, setSaid] = useState("");
  useEffect(() => {
    const goals = standing?.sections.flatMap((section) => section.goals) ?? [];
    if (goals.length === 0 || goals.some(({ progress }) => progress === null)) return;
    const done = goals.filter(({ progress }) => progress?.ticked_by);
    const fresh = before.current ? done.filter(({ name }) => !before.current?.has(name)) : [];
    before.current = new Set(done.map(({ name }) => name));
    if (fresh.length > 0) setSaid(fresh.map((goal) => t("ticked", { goal: wordsOf(goal).words })).join(" "));
  }, [standing, t, wordsOf]);
  return said;
}
