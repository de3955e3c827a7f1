"use client";

import { useTranslations } from "next-intl";

import { Card } from "@/components/ui/card";
import { Link } from "@/components/ui/link";
import { JOB_STATES, StateMark } from "@/components/ui/state-badge";
import type { QueueOut } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

const TONE = {
  pending: "text-ink-3",
  queued: "text-ink-3",
  running: "text-ai",
  completed: "text-good",
  failed: "text-bad",
  cancelled: "text-ink-3",
} as const;

/** How many jobs are in each state. `queue`: null while the database is away. */
export function QueueCard({ queue }: { queue: QueueOut | null | undefined }) {
  const t = useTranslations("system.queue");
  const states = useTranslations("states.job");
  const format = useFormat();
  const oldest = queue?.oldest_queued_s;
  return (
    <Card
      flush
      className="overflow-hidden"
      title={t("title")}
      aside={
        <Link href="/training" className="rounded-sm hover:text-ink">
          {t("all")}
        </Link>
      }
    >
      <dl className="grid grid-cols-3 gap-px border-t bg-line">
        {JOB_STATES.map((state) => (
          <div key={state} className="bg-panel px-3.5 py-2">
            <dt className="flex items-center gap-1.5 text-xs text-ink-3">
              <span className={TONE[state]}>
                <StateMark state={state} />
              </span>
              {states(state)}
            </dt>
            <dd className="text-lg font-semibold">{format.number(queue?.[state])}</dd>
          </div>
        ))}
      </dl>
      {queue === null && <p className="border-t px-3.5 py-2 text-bad">{t("away")}</p>}
      {oldest != null && <p className="border-t px-3.5 py-2 text-xs text-ink-3">{t("oldest", { time: format.duration(oldest) })}</p>}
    </Card>
  );
}
