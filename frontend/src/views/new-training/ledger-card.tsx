import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { ProblemNote } from "@/components/ui/problem";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { useTokenLengths } from "@/entities/dataset/queries";
import { notRenderedText } from "@/entities/dataset/not-rendered";
import { useDebounced } from "@/entities/forecast/use-debounced";
import { useKept } from "@/entities/forecast/use-kept";
import type { BaseModelOut, Ledger, RecipeOut } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/use-format";

import { type Longer, longerLengths } from "./longer";
import type { TrainingForm } from "./use-training-form";

const REST_MS = 400;
const LONGEST = 131_072;

interface LedgerCardProps {
  form: TrainingForm;
  models: readonly BaseModelOut[];
  recipe: RecipeOut | undefined;
}

/** What becomes of the rows. */
export function LedgerCard({ form, models, recipe }: LedgerCardProps) {
  const t = useTranslations("newTraining.ledger");
  const { dataset, base } = form.draft;
  const model = models.find((one) => one.reference === base || one.id === base);
  const isReady = model?.state === "registered";
  const maxLength = useDebounced(lengthIn(form), REST_MS);
  const measured = useTokenLengths(isReady ? dataset : null, base, maxLength);
  const kept = useKept(measured.data);
  const isOld = measured.isPlaceholderData || measured.data === undefined || maxLength !== lengthIn(form);
  const limit = Math.min(model?.context_length ?? LONGEST, LONGEST);
  const isCut = (measured.data?.ledger.rows_truncated ?? 0) > 0;
  const whole = useTokenLengths(isCut && isReady && !isOld ? dataset : null, base, limit);
  const bins = whole.data && whole.data.ledger.rows_read === kept?.ledger.rows_read ? whole.data.bins : null;
  const setting = recipe && "max_length" in recipe.defaults;
  return (
    <Card title={t("title")} aside={kept && isReady && dataset && t("limit", { tokens: kept.max_length })}>
      {dataset === null ? (
        <p className="text-ink-2">{t("noDataset")}</p>
      ) : !isReady ? (
        <p className="text-pretty text-ink-2">{t(model ? "beforeFirstUse" : "afterImport")}</p>
      ) : measured.error ? (
        <ProblemNote problem={measured.error} />
      ) : kept ? (
        <Entries ledger={kept.ledger} isOld={isOld}>
          {setting && <Longers form={form} offers={longerLengths(kept.ledger, bins, limit)} />}
        </Entries>
      ) : (
        <Counting />
      )}
    </Card>
  );
}

/** The setting as it is asked for; undefined (the recipe's own) while it cannot be read. */
function lengthIn(form: TrainingForm): number | undefined {
  const value = form.request.config?.["max_length"];
  return typeof value === "number" ? value : undefined;
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
