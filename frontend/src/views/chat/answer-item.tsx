import { RotateCw } from "lucide-react";
import { useTranslations } from "next-intl";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { IconButton } from "@/components/ui/icon-button";
import { PersonsName } from "@/components/ui/persons-name";
import { ProblemState } from "@/components/ui/problem";
import { shortName } from "@/entities/chat/choose";
import { isAwaited, isGrowing, type ShownAnswer } from "@/entities/chat/turns";

import { AnswerFacts } from "./answer-facts";
import { AnswerText } from "./answer-text";
import { Waiting } from "./waiting";

interface AnswerItemProps {
  answer: ShownAnswer;
  /** Ask the same question once more; only where nothing that followed would be lost. */
  onAgain?: () => void;
}

/** What one model said, how fast, and what went wrong. */
export function AnswerItem({ answer, onAgain }: AnswerItemProps) {
  const t = useTranslations("chat.answer");
  const name = shortName(answer.model);
  const grows = isGrowing(answer.state);
  return (
    <article aria-label={t("of", { model: name })} aria-busy={grows} className="min-w-0 rounded-lg border bg-panel">
      <div className="flex h-9 items-center gap-2 pr-1.5 pl-3">
        <h3 className="truncate text-xs font-medium text-ink-2"><PersonsName>{name}</PersonsName></h3>
        <StateWord answer={answer} />
        {!grows && (
          <div className="ml-auto flex shrink-0">
            {onAgain && !isCut(answer) && (
              <IconButton size="sm" label={t("again")} onClick={onAgain}>
                <RotateCw aria-hidden />
              </IconButton>
            )}
            {answer.text && <CopyButton text={answer.text} label={t("copy")} />}
          </div>
        )}
      </div>
      <div className="grid min-w-0 gap-2 px-3 pb-2">
        {answer.text && <AnswerText text={answer.text} isGrowing={grows} />}
        {isAwaited(answer.state) && <Waiting answer={answer} />}
        {answer.problem && <ProblemState problem={answer.problem} onRetry={onAgain} />}
        {!answer.text && answer.state === "done" && <p className="text-ink-3">{t("empty")}</p>}
        {!answer.text && answer.state === "stopped" && <p className="text-ink-3">{t("silent")}</p>}
        {onAgain && isCut(answer) && (
          <Button size="sm" onClick={onAgain} className="justify-self-start">
            <RotateCw aria-hidden />
            {t("again")}
          </Button>
        )}
        <AnswerFacts answer={answer} />
      </div>
    </article>
  );
}

/** It did not come to its end, and no problem with a retry of its own says why. */
function isCut({ state, problem }: ShownAnswer): boolean {
  return (state === "stopped" || state === "cut") && problem === null;
}

function StateWord({ answer }: { answer: ShownAnswer }) {
  const t = useTranslations("chat.answer.states");
  if (answer.state === "streaming") return <Badge tone="ai">{t("streaming")}</Badge>;
  if (answer.state === "stopped") return <Badge>{t("stopped")}</Badge>;
  if (answer.state === "cut" || answer.state === "failed") return <Badge tone="bad">{t("cut")}</Badge>;
  if (answer.message?.finish_reason === "length") return <Badge tone="caution">{t("length")}</Badge>;
  return null;
}
