"use client";

import { useTranslations } from "next-intl";

import { Card } from "@/components/ui/card";
import { Fact, FactList } from "@/components/ui/fact-list";
import { notRenderedText } from "@/entities/dataset/not-rendered";
import type { JobDetail } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";
import { type LedgerCounts, ledgerOf } from "./ledger";

/** What became of every row. */
export function LedgerCard({ job }: { job: JobDetail }) {
  const t = useTranslations("job.ledger");
  const parts = useTranslations("common.notRendered");
  const { number } = useFormat();
  const ledger = ledgerOf(job.reports);
  const show = (value: number | null | undefined) => number(value ?? null);
  return (
    <Card title={t("title")} aside={ledger?.supervisedTokens ? t("supervised", { count: ledger.supervisedTokens }) : undefined}>
      <FactList>
        <Fact name={t("read")}>{show(ledger?.read)}</Fact>
        <Fact name={t("used")}>{show(ledger?.used)}</Fact>
        <Fact
          name={ledger?.truncated && ledger.maxLength ? t("truncatedAt", { length: ledger.maxLength }) : t("truncated")}
          tone={ledger?.truncated ? "caution" : "plain"}
        >
          {show(ledger?.truncated)}
        </Fact>
        {ledger !== null && ledger.endCut > 0 && (
          <Fact name={t("endCut")} tone="caution">
            {show(ledger.endCut)}
          </Fact>
        )}
        {ledger?.notRendered.map(({ part, rows }) => (
          <Fact key={part} name={t("leftOut", { part: notRenderedText(parts, part) })} tone="caution">
            {show(rows)}
          </Fact>
        ))}
        <Fact name={t("dropped")} tone={ledger?.dropped ? "bad" : "plain"} more={ledger && ledger.reasons.length > 0 && <Reasons reasons={ledger.reasons} />}>
          {show(ledger?.dropped)}
        </Fact>
      </FactList>
    </Card>
  );
}

function Reasons({ reasons }: Pick<LedgerCounts, "reasons">) {
  const t = useTranslations("job.ledger");
  const { number } = useFormat();
  return (
    <ul className="pb-1 text-xs text-ink-2">
      {reasons.map(({ reason, rows }) => (
        <li key={reason} className="flex justify-between gap-2">
          <span>{t(`reasons.${isKnown(reason) ? reason : "other"}`)}</span>
          <span>{number(rows)}</span>
        </li>
      ))}
    </ul>
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
