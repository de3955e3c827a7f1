import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import type { ShownTurn } from "@/entities/chat/turns";
import { cn } from "@/lib/cn";

import { AnswerItem } from "./answer-item";
import { QuestionItem } from "./question-item";
import type { Chat } from "./use-chat";

interface TurnItemProps {
  turn: ShownTurn;
  isLast: boolean;
  chat: Chat;
}

/** A question with its answers side by side. */
export function TurnItem({ turn, isLast, chat }: TurnItemProps) {
  const t = useTranslations("chat.answer");
  const { isBusy } = chat;
  const again = isLast && !isBusy ? () => void chat.again(turn) : undefined;
  return (
    <li className="grid min-w-0 gap-2">
      <QuestionItem
        text={turn.question}
        isLast={isLast}
        isBusy={isBusy}
        onEdit={(text) => chat.edit(turn.position, text)}
      />
      <div className={cn("grid min-w-0 items-start gap-3", turn.answers.length > 1 ? "md:grid-cols-2" : "max-w-3xl")}>
        {turn.answers.map((answer) => (
          <AnswerItem key={answer.model} answer={answer} onAgain={again} />
        ))}
        {turn.answers.length === 0 && (
          <div className="flex flex-wrap items-center gap-3 text-ink-3">
            {t("nothing")}
            {again && (
              <Button size="sm" onClick={again}>
                {t("again")}
              </Button>
            )}
          </div>
        )}
      </div>
    </li>
  );
}
