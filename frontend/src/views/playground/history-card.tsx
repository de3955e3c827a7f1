import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { PersonsName } from "@/components/ui/persons-name";

import type { PredictionOut } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

import type { Asked } from "./history";

interface HistoryCardProps {
  history: readonly Asked[];
  shown: string | undefined;
  onShow: (asked: Asked) => void;
  onForget: () => void;
}

/** What was asked before in this tab; pressed, it is there again with its answer. */
export function HistoryCard({ history, shown, onShow, onForget }: HistoryCardProps) {
  const t = useTranslations("playground.history");
  const format = useFormat();
  const saidOf = ({ labels, number }: PredictionOut["data"][number]) => (number == null ? (labels[0]?.label ?? "") : format.metric(number));
  if (history.length === 0) return null;
  return (
    <Card flush title={t("title")} aside={<Button size="sm" onClick={onForget}>{t("forget")}</Button>}>
      <ul className="divide-y border-t">
        {history.map((asked) => (
          <li key={asked.id}>
            <button
              type="button"
              aria-current={asked.id === shown}
              onClick={() => onShow(asked)}
              className="flex w-full items-center gap-3 px-3.5 py-1.5 text-left hover:bg-hover aria-[current=true]:bg-ai-soft"
            >
              <span className="min-w-0 grow truncate">{asked.draft.trim().split("\n")[0]}</span>
              <span className="max-w-40 shrink-0 truncate text-xs text-ink-3">
                {asked.answer.data.length > 1 ? t("count", { count: asked.answer.data.length }) : <PersonsName>{asked.answer.data[0] ? saidOf(asked.answer.data[0]) : ""}</PersonsName>}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
