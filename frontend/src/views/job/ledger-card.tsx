"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { Card } from "@/components/ui/card";
import { notRenderedText } from "@/entities/dataset/not-rendered";
import type { JobDetail } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/use-format";
import { ledgerOf } from "./ledger";

/** What became of every row. */
export function LedgerCard({ job }: { job: JobDetail }) {
  const t = useTranslations("job.ledger");
  const parts = useTranslations("common.notRendered");
  const { number } = useFormat();
  const ledger = ledgerOf(job.reports);
  const show = (value: number | null | undefined) => number(value ?? null);
  return (
    <Card title={t("title")} aside={ledger?.supervisedTokens ? t("supervised", { count: ledger.supervisedTokens }) : undefined}>
      <dl>
        <Line label={t("read")} value={show(ledger?.read)} />
        <Line label={t("used")} value={show(ledger?.used)} />
        <Line
          label={ledger?.truncated && ledger.maxLength ? t("truncatedAt", { length: ledger.maxLength }) : t("truncated")}
          value={show(ledger?.truncated)}
          tone={ledger?.truncated ? "text-caution" : undefined}
        />
        {ledger !== null && ledger.endCut > 0 && <Line label={t("endCut")} value={show(ledger.endCut)} tone="text-caution" />}
        {ledger?.notRendered.map(({ part, rows }) => (
          <Line key={part} label={t("leftOut", { part: notRenderedText(parts, part) })} value={show(rows)} tone="text-caution" />
        ))}
        <Line
          label={t("dropped")}
          value={show(ledger?.dropped)}
          tone={ledger?.dropped ? "text-bad" : undefined}
          more={
            ledger && ledger.reasons.length > 0 && (
              <ul className="pb-1 text-xs text-ink-2">
                {ledger.reasons.map(({ reason, rows }) => (
                  <li key={reason} className="flex justify-between gap-2">
                    <span>{t(`reasons.${isKnown(reason) ? reason : "other"}`)}</span>
                    <span>{number(rows)}</span>
                  </li>
                ))}
              </ul>
            )
          }
        />
      </dl>
    </Card>
  );
}

interface LineProps {
  label: string;
  value: string;
  tone?: string;
  more?: ReactNode;
}

function Line({ label, value, tone, more }: LineProps) {
  return (
    <div className="flex min-h-8 flex-wrap items-center justify-between gap-x-3 border-b last:border-b-0">
      <dt>{label}</dt>
      <dd className={cn("font-medium", tone)}>{value}</dd>
      {more && <dd className="w-full">{more}</dd>}
    </div>
  );
}

const REASONS = [
  "answer_beyond_max_length",
  "no_supervised_token",
  "mask_mismatch",
  "no_assistant_turn",
  "template_refused",
  "template_changes_prompt",
  "template_hides_answer",
  "empty_completion",
  "template_ignores_tool_calls",
  "reserved_token_in_text",
] as const;

function isKnown(reason: string): reason is (typeof REASONS)[number] {
  return REASONS.some((one) => one === reason);
}
