"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";

import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { ProblemState } from "@/components/ui/problem";
import { Progress } from "@/components/ui/progress";
import { Select } from "@/components/ui/select";
import { Loading } from "@/components/ui/skeleton";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/use-format";

import { Histogram } from "./histogram";
import { lengthForAll } from "./histogram-shape";
import { isLength } from "./seen-with";
import { type Base, shortName } from "./use-base";
import type { DatasetState } from "./use-dataset-state";
import type { Lengths } from "./use-lengths";

interface LengthsProps {
  base: Base;
  lengths: Lengths;
  state: DatasetState;
}

interface LengthCardProps extends LengthsProps {
  /** The base model has no tokenizer yet: a training prepares it first. */
  isUnprepared: boolean;
}

/** How long the rows are for a base model, and where training cuts them. */
export function LengthCard({ base, isUnprepared, lengths, state }: LengthCardProps) {
  const t = useTranslations("dataset.lengths");
  const { bins, problem } = lengths;
  return (
    <Card title={t("title")}>
      <CutNote base={base} lengths={lengths} state={state} />
      <div className={cn("min-h-56 transition-opacity", lengths.isCounting && bins && "opacity-70")} aria-busy={lengths.isCounting}>
        {isUnprepared ? (
          <p className="text-ink-2">{t("unprepared")}</p>
        ) : problem ? (
          <ProblemState problem={problem} onRetry={lengths.retry} retrying={lengths.isCounting} />
        ) : bins ? (
          <Histogram bins={bins} quantiles={lengths.quantiles} longest={lengths.longest} max={base.max} chosen={state.range} onChoose={(range) => void state.set({ bin: range && `${range.first}-${range.last}` })} />
        ) : (
          <Loading className="max-w-72 pt-1">
            <Progress label={t("counting")} detail="" value={null} />
            <p className="mt-2 text-xs text-ink-3">{t("countingHint")}</p>
          </Loading>
        )}
      </div>
      <div className="mt-3 grid grid-cols-[minmax(0,1fr)_8.5rem] items-start gap-x-3">
        <Field label={t("base")}>
          <Select
            value={base.reference}
            options={base.models.map(({ reference, source }) => ({ value: reference, label: shortName(reference), hint: source }))}
            onChange={(reference) => void state.set({ base: reference, bin: null })}
          />
        </Field>
        <MaxLength key={base.max} base={base} onChange={(max) => void state.set({ max })} />
      </div>
    </Card>
  );
}

/** How many rows are cut, and the length at which none is. */
function CutNote({ base, lengths, state }: LengthsProps) {
  const t = useTranslations("dataset.lengths");
  const format = useFormat();
  const { ledger, longest } = lengths;
  if (!ledger || longest === null || lengths.problem) return <div className="mb-1 h-6" />;
  const better = lengthForAll(longest, base.context);
  return (
    <div aria-live="polite" className="mb-1 flex min-h-6 items-center justify-between gap-2 text-xs text-ink-3">
      {lengths.isCounting ? t("recounting") : t("cut", { max: format.number(base.max), rows: ledger.rows_truncated })}
      {!lengths.isCounting && ledger.rows_truncated > 0 && better > base.max && (
        <Button size="sm" onClick={() => void state.set({ max: better })}>
          {t("cutNone", { max: format.number(better) })}
        </Button>
      )}
    </div>
  );
}

function MaxLength({ base, onChange }: { base: Base; onChange: (max: number) => void }) {
  const t = useTranslations("dataset.lengths");
  const terms = useTranslations("terms");
  const format = useFormat();
  const [text, setText] = useState(String(base.max));
  const value = /^\d+$/.test(text.trim()) ? Number(text) : null;
  const wrong = !isLength(value, base.context);
  const take = () => {
    if (isLength(value, base.context) && value !== base.max) onChange(value);
  };
  return (
    <Field label={t("max")} explanation={terms("words.maxLength")} error={wrong ? t("maxWrong", { context: format.number(base.context) }) : undefined}>
      <Input
        inputMode="numeric"
        value={text}
        after={t("unit")}
        onChange={(event) => setText(event.target.value)}
        onBlur={take}
        onKeyDown={(event) => event.key === "Enter" && take()}
      />
    </Field>
  );
}
