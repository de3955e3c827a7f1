import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { ProblemState } from "@/components/ui/problem";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { notRenderedText } from "@/entities/dataset/not-rendered";
import type { Ledger, RecipeOut } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/use-format";

import { type Longer, longerLengths } from "./longer";
import type { LedgerFacts } from "./use-ledger";
import type { TrainingForm } from "./use-training-form";

interface LedgerCardProps {
  form: TrainingForm;
  ledger: LedgerFacts;
  recipe: RecipeOut | undefined;
}

/** What becomes of the rows. What could not be counted anew stands above what was counted before. */
export function LedgerCard({ form, ledger, recipe }: LedgerCardProps) {
  const t = useTranslations("newTraining.ledger");
  const { kept, isReady, model, problem } = ledger;
  const { dataset } = form.draft;
  const setting = recipe && "max_length" in recipe.defaults;
  return (
    <Card title={t("title")} aside={kept && isReady && dataset && t("limit", { tokens: kept.max_length })}>
      {dataset === null ? (
        <p className="text-ink-2">{t("noDataset")}</p>
      ) : !isReady ? (
        <p className="text-pretty text-ink-2">{t(model ? "beforeFirstUse" : "afterImport")}</p>
      ) : (
        <>
          {problem && <ProblemState problem={problem} onRetry={() => void ledger.retry()} retrying={ledger.isFetching} className="mb-2" />}
          {kept && (
            <Entries ledger={kept.ledger} isOld={ledger.isOld}>
              {setting && <Longers form={form} offers={longerLengths(kept.ledger, ledger.bins, ledger.limit)} />}
            </Entries>
          )}
          {!kept && !problem && <Counting />}
        </>
      )}
    </Card>
  );
}

function Entries({ ledger, isOld, children }: { ledger: Ledger; isOld: boolean; children: React.ReactNode }) {
  const t = useTranslations("newTraining.ledger");
  const parts = useTranslations("common.notRendered");
  const format = useFormat();
  const share = ledger.tokens > 0 ? ledger.supervised_tokens / ledger.tokens : null;
  return (
    <div className={cn("grid transition-opacity", isOld && "opacity-85")} aria-live="polite" aria-busy={isOld}>
      <Line
        what={t("kept", { kept: format.number(ledger.rows_kept), read: format.number(ledger.rows_read) })}
        value={t("trained", { tokens: format.number(ledger.supervised_tokens), share: format.percent(share) })}
      />
      <Line
        what={t("truncated", { count: ledger.rows_truncated })}
        tone={ledger.rows_truncated > 0 ? "text-caution" : undefined}
        value={t("longest", { tokens: format.number(ledger.longest_before_truncation) })}
      />
      {ledger.rows_end_cut > 0 && <Line what={t("endCut", { count: ledger.rows_end_cut })} tone="text-caution" value="" />}
      {ledger.rows_truncated > 0 && children}
      {Object.entries(ledger.rows_not_rendered).map(([part, rows]) => (
        <Line
          key={part}
          what={t("leftOut", { count: rows, part: notRenderedText(parts, part) })}
          tone="text-caution"
          value=""
        />
      ))}
      <Line
        what={t("dropped", { count: ledger.rows_dropped })}
        tone={ledger.rows_dropped > 0 ? "text-bad" : undefined}
        value={ledger.first_dropped.length > 0 ? t("rows", { rows: ledger.first_dropped.slice(0, 5).map(({ row }) => row).join(", ") }) : ""}
      />
    </div>
  );
}

function Line({ what, value, tone }: { what: string; value: string; tone?: string }) {
  return (
    <div className="flex min-h-8 flex-wrap items-center justify-between gap-x-3 border-t py-1 first:border-t-0">
      <span className={tone}>{what}</span>
      <span className="text-right text-ink-2">{value}</span>
    </div>
  );
}

function Longers({ form, offers }: { form: TrainingForm; offers: readonly Longer[] }) {
  const t = useTranslations("newTraining.ledger");
  const setting = form.settings.find(({ name }) => name === "max_length");
  if (!setting) return null;
  return (
    <div className="flex flex-wrap justify-end gap-1.5 pb-2">
      {offers.map(({ maxLength, stillTruncated }) => (
        <Button key={maxLength} size="sm" onClick={() => form.edit(setting, String(maxLength))}>
          {t(stillTruncated > 0 ? "lengthenTo" : "lengthenAll", { tokens: maxLength, count: stillTruncated })}
        </Button>
      ))}
    </div>
  );
}

function Counting() {
  const t = useTranslations("newTraining.ledger");
  return (
    <Loading className="grid gap-2">
      <p className="text-ink-3">{t("counting")}</p>
      <Skeleton className="h-6" />
      <Skeleton className="h-6" />
    </Loading>
  );
}
