import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";

import type { QuestionAgainIn } from "@/lib/api/generated/types.gen";

import { busyElsewhere, follow, stop as stopAnswers, useAnswering } from "./answering";
import type { Asked } from "./stream";

/** A new question, or one of these asked again by its position. */
export type Question = Extract<Asked, { position?: undefined }>["question"];

/** The answers that are coming in a conversation: asked for, followed, stopped. */
export function useAnswers(sessionId: string | null) {
  const client = useQueryClient();
  const live = useAnswering((store) => (sessionId === null ? null : (store.live[sessionId] ?? null)));
  const ended = useAnswering((store) => (sessionId === null ? null : (store.ended[sessionId] ?? null)));
  // Names as one text: what is said in other conversations draws nothing here.
  const names = useAnswering((store) => [...busyElsewhere(store.live, sessionId)].sort().join("\n"));
  const busy = useMemo(() => new Set(names ? names.split("\n") : []), [names]);
  const ask = useCallback(
    (id: string, question: Question, models: readonly string[]) => follow(client, { sessionId: id, question }, models),
    [client],
  );
  const askAgain = useCallback(
    (id: string, position: number, question: QuestionAgainIn, models: readonly string[]) =>
      follow(client, { sessionId: id, position, question }, models),
    [client],
  );
  const stop = useCallback(() => {
    if (sessionId !== null) stopAnswers(sessionId);
  }, [sessionId]);
  return { live, ended, busy, ask, askAgain, stop };
}
