"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { PersonsName } from "@/components/ui/persons-name";
import { CopyButton } from "@/components/ui/copy-button";
import { ProblemState } from "@/components/ui/problem";
import { Progress } from "@/components/ui/progress";
import { Segmented } from "@/components/ui/segmented";
import { Loading } from "@/components/ui/skeleton";
import { partsOfKind } from "@/entities/dataset/kinds/registry";
import { notRenderedText } from "@/entities/dataset/not-rendered";
import type { Counts, DatasetDetail, TokenRow } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/use-format";

import { reasonText } from "@/entities/dataset/reasons";
import { TokenText, TRAINED } from "@/entities/dataset/token-text";
import { sourcePlace } from "@/entities/dataset/sheet-line";
import { factsOf, type Item } from "@/entities/dataset/token-view";
import type { DatasetState } from "./use-dataset-state";

/** As the API bounds what it shows of a cut. */
const MOST_CUT_TOKENS = 1000;

interface TemplateCardProps {
  dataset: DatasetDetail;
  item: Item | null;
  state: DatasetState;
  /** Whether this kind of data has a template at all. */
  hasTemplate: boolean;
  /** Short name of the base model whose template it is. */
  baseName: string | null;
  /** It has no template yet: a training prepares it first. */
  isUnprepared: boolean;
  problem: unknown;
  busy: boolean;
  onRetry: () => void;
}

/** The chosen row: as the model is trained on it, or as a person reads it. */
export function TemplateCard({ dataset, item, state, hasTemplate, baseName, isUnprepared, problem, busy, onRetry }: TemplateCardProps) {
  const t = useTranslations("dataset.template");
  const { Example } = partsOfKind(dataset.kind);
  const shown = hasTemplate ? state.show : "reading";
  return (
    <Card
      title={
        <>
          <span className={cn(item && "max-sm:hidden")}>
            {item ? t(hasTemplate ? "title" : "titleRow", { row: item.example.row }) : t(hasTemplate ? "titleNone" : "region")}
          </span>
          {item && <span className="sm:hidden">{t(hasTemplate ? "titleNone" : "region")}</span>}
        </>
      }
      aside={
        <>
          {item && <SourceNote counts={dataset.counts} row={item.example.row} />}
          {hasTemplate && (
            <Segmented
              label={t("show")}
              value={shown}
              onChange={(show) => void state.set({ show })}
              options={[
                { value: "template", label: t("asTemplate") },
                { value: "reading", label: t("asReading") },
              ]}
            />
          )}
          {item && <CopyButton label={t("copyRow")} text={JSON.stringify(item.example, null, 2)} />}
        </>
      }
      className="flex flex-col"
    >
      <div
        tabIndex={0}
        role="region"
        aria-label={t("region")}
        aria-busy={busy}
        className={cn("h-56 overflow-y-auto rounded-sm transition-opacity", busy && item?.texts && "opacity-85")}
      >
        {item && shown === "reading" && <Example example={item.example} datasetId={dataset.id} />}
        {item && shown === "template" && isUnprepared && <p className="pt-1 text-ink-2">{t("unprepared")}</p>}
        {item && shown === "template" && !isUnprepared && <Template item={item} problem={problem} busy={busy} onRetry={onRetry} />}
      </div>
      {shown === "template" && <Legend item={item} baseName={baseName} />}
    </Card>
  );
}

/** Where the row stands when one opens the file that was added. */
function SourceNote({ counts, row }: { counts: Counts; row: number }) {
  const t = useTranslations("dataset.template");
  const { file, line } = sourcePlace(counts, row);
  if (line === null && file === null) return null;
  return (
    <span className="min-w-0 truncate max-sm:hidden">
      {file !== null && <PersonsName>{file}</PersonsName>} {line !== null && t("line", { line })}
    </span>
  );
}

interface TemplateProps {
  item: Item;
  problem: unknown;
  busy: boolean;
  onRetry: () => void;
}

function Template({ item, problem, busy, onRetry }: TemplateProps) {
  const t = useTranslations("dataset.template");
  const reasons = useTranslations("dataset.reasons");
  if (problem) return <ProblemState problem={problem} onRetry={onRetry} retrying={busy} />;
  if (!item.texts) {
    return (
      <Loading className="max-w-72 pt-1">
        <Progress label={t("counting")} detail="" value={null} />
        <p className="mt-2 text-xs text-ink-3">{t("countingHint")}</p>
      </Loading>
    );
  }
  return (
    <div className="grid gap-3">
      {item.texts.map((text, place) => (
        <div key={place}>
          {text.dropped && <p className="mb-1 text-bad">{t("dropped", { reason: reasonText(reasons, text.dropped) })}</p>}
          <TokenText pieces={text.pieces} />
          {text.cut_pieces.length > 0 && <Lost text={text} />}
        </div>
      ))}
    </div>
  );
}

/** Where `max_length` cuts, and the beginning of what is lost behind it. */
function Lost({ text }: { text: TokenRow }) {
  const t = useTranslations("dataset.template");
  const format = useFormat();
  const lost = text.tokens_before_truncation - text.tokens;
  return (
    <div className="mt-1">
      <p className="flex items-center gap-2 text-xs text-caution after:h-px after:grow after:bg-caution-mark">
        {t("cutHere", { tokens: format.number(text.tokens), lost: format.number(lost) })}
      </p>
      <TokenText pieces={text.cut_pieces} isLost />
      {lost > MOST_CUT_TOKENS && <p className="text-xs text-ink-3">{t("cutGoesOn")}</p>}
    </div>
  );
}

function Legend({ item, baseName }: { item: Item | null; baseName: string | null }) {
  const t = useTranslations("dataset.template");
  const parts = useTranslations("common.notRendered");
  const format = useFormat();
  const facts = item?.texts ? factsOf(item.texts) : null;
  const pieces = item?.texts?.flatMap((text) => text.pieces) ?? [];
  const mark = (words: ReactNode) => <span className={TRAINED}>{words}</span>;
  return (
    <div className="mt-2 flex min-h-5 flex-wrap content-start max-sm:min-h-16 items-center gap-x-3 gap-y-1 text-xs text-ink-3">
      <p>
        {t.rich("legend", { mark })}
        {facts && pieces.length > 0 && ` ${t(facts.ends ? "withEnd" : "withoutEnd")}`}
      </p>
      <p className="ml-auto flex items-center gap-2">
        {facts?.notRendered.map((part) => (
          <Badge key={part} tone="caution">
            {t("leftOut", { part: notRenderedText(parts, part) })}
          </Badge>
        ))}
        {facts?.truncated && <Badge tone="caution">{t(facts.ends ? "truncated" : "endCut")}</Badge>}
        {facts && t("counts", { tokens: format.number(facts.tokens), trained: format.number(facts.trained) })}
        {!facts && baseName}
      </p>
    </div>
  );
}
