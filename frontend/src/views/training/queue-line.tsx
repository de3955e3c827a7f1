"use client";

import { useTranslations } from "next-intl";

import { useSystem } from "@/entities/system/queries";

/** Under the title: what runs and what waits, of every kind. */
export function QueueLine() {
  const t = useTranslations("training.queue");
  const { data } = useSystem();
  const queue = data?.queue;
  return (
    <span className="block min-h-5">
      {queue && t("line", { running: queue.running, waiting: queue.queued, pending: queue.pending })}
    </span>
  );
}
