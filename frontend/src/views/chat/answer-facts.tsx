import { useTranslations } from "next-intl";

import { useFirstToken } from "@/entities/chat/first-token";
import type { ShownAnswer } from "@/entities/chat/turns";
import { useFormat } from "@/lib/use-format";

/** Tokens, tokens per second, time to the first token; its line is there from the beginning, so that nothing moves. */
export function AnswerFacts({ answer }: { answer: ShownAnswer }) {
  const t = useTranslations("chat.answer");
  const format = useFormat();
  const keptMs = useFirstToken(answer.message?.id);
  const { message } = answer;
  const firstMs = answer.firstTokenMs ?? keptMs;
  const pace = message?.tokens_per_s ?? answer.pace;
  const facts = [
    message?.completion_tokens != null && t("tokens", { count: message.completion_tokens }),
    pace !== null && t("pace", { pace: format.number(pace, { maximumFractionDigits: pace < 10 ? 1 : 0 }) }),
    firstMs !== null && t("first", { seconds: format.number(firstMs / 1000, { maximumFractionDigits: 2 }) }),
    message?.sampling?.seed != null && t("seed", { seed: String(message.sampling.seed) }),
  ].filter((fact) => fact !== false);
  return <p className="min-h-4.5 text-xs text-ink-3">{facts.join(" · ")}</p>;
}
