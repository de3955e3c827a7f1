import { useTranslations } from "next-intl";

import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Digest } from "@/components/ui/digest";
import { Meter } from "@/components/ui/meter";
import { PersonsName } from "@/components/ui/persons-name";
import type { DeployedPredictor, LabelScore } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { isolated } from "@/lib/isolate";
import { useFormat } from "@/lib/use-format";

import type { Asked } from "./history";
import { INPUT_TYPES } from "./inputs/input-types";

const MOST_LABELS = 10;

interface AnswerCardProps {
  shown: Asked | undefined;
  predictor: DeployedPredictor;
}

/** What the model said: each item with its labels as bars, and who has answered in which time. */
export function AnswerCard({ shown, predictor }: AnswerCardProps) {
  const t = useTranslations("playground.answer");
  const format = useFormat();
  if (!shown) {
    return (
      <Card title={t("title")}>
        <p className="text-pretty text-ink-2">{t("none")}</p>
      </Card>
    );
  }
  const { answer, draft } = shown;
  const { itemsOf, labelOf } = INPUT_TYPES[predictor.input];
  const items = itemsOf(draft, predictor);
  return (
    <Card flush title={t("title")} aside={t("time", { model: format.metric(answer.model_ms), total: format.metric(answer.total_ms) })}>
      <ol aria-live="polite" className="divide-y border-t">
        {answer.data.map((one, place) => {
          const item = items[place];
          return (
            <li key={place} className="grid gap-2 px-3.5 py-3">
              {item && <p className="line-clamp-3 [overflow-wrap:anywhere] whitespace-pre-wrap text-ink-2">{labelOf(item)}</p>}
              {one.number != null && (
                <p className="flex flex-wrap items-baseline gap-x-2">
                  <span className="text-ink-2"><PersonsName>{predictor.target ?? ""}</PersonsName></span>
                  <span className="text-lg font-semibold tabular-nums">{format.metric(one.number)}</span>
                </p>
              )}
              <p className="flex flex-wrap items-center gap-1.5 empty:hidden">
                {one.labels.filter(({ is_chosen }) => is_chosen).map(({ label }) => (
                  <Badge key={label} tone="ai"><PersonsName>{label}</PersonsName></Badge>
                ))}
                {one.number == null && !one.labels.some(({ is_chosen }) => is_chosen) && <Badge>{t("noLabel")}</Badge>}
                {one.is_cut && <Badge tone="caution">{t("cut", { tokens: one.tokens })}</Badge>}
              </p>
              <ul className="grid gap-1">
                {one.labels.slice(0, MOST_LABELS).map((label) => <Bar key={label.label} label={label} />)}
              </ul>
              {one.labels.length > MOST_LABELS && <p className="text-xs text-ink-3">{t("more", { count: one.labels.length - MOST_LABELS })}</p>}
            </li>
          );
        })}
      </ol>
      <p className="flex flex-wrap items-center gap-x-2 border-t px-3.5 py-2 text-xs text-ink-3">
        <PersonsName>{answer.name}</PersonsName>
        <Digest value={answer.model_sha256} label={t("copy")} />
      </p>
    </Card>
  );
}

function Bar({ label: { label, score, is_chosen } }: { label: LabelScore }) {
  const t = useTranslations("playground.answer");
  const format = useFormat();
  const share = format.percent(score, 1);
  return (
    <li className="grid grid-cols-[minmax(0,9rem)_minmax(0,1fr)_4rem] items-center gap-2">
      <span className={cn("truncate", is_chosen ? "font-medium" : "text-ink-2")}><PersonsName>{label}</PersonsName></span>
      <Meter label={t("share", { label: isolated(label) })} value={score} text={share} className="h-2 w-full" />
      <span className={cn("text-right tabular-nums", !is_chosen && "text-ink-2")}>{share}</span>
    </li>
  );
}
