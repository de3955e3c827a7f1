import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";

import type { MessageOut, QuestionAgainIn, SessionWithMessagesOut } from "@/lib/api/generated/types.gen";
import { asProblem, isAbort, type ProblemError } from "@/lib/problem";

import { keepFirstToken } from "./first-token";
import { chatKeys } from "./keys";
import { type AnswerEvent, type Asked, streamAnswers } from "./stream";

/** What a model has said so far. `message`: the answer as it is kept, once it has ended. */
export interface Answer {
  text: string;
  message: MessageOut | null;
  problem: ProblemError | null;
  /** When the first and the last piece came, on the page's clock, and how many there were. */
  firstMs: number | null;
  lastMs: number | null;
  pieces: number;
}

/** The answers being given, by model, and the question they are for. */
export interface Turn {
  asked: Asked;
  /** Where the question stands in the conversation. */
  position: number;
  models: readonly string[];
  startedMs: number;
  answers: Readonly<Record<string, Answer>>;
}

const EMPTY: Answer = { text: "", message: null, problem: null, firstMs: null, lastMs: null, pieces: 0 };

/** The turn after one more event. */
export function withEvent(answers: Turn["answers"], event: AnswerEvent, nowMs = 0): Turn["answers"] {
  const before = answers[event.model] ?? EMPTY;
  if (event.type === "delta") {
    const pieces = { firstMs: before.firstMs ?? nowMs, lastMs: nowMs, pieces: before.pieces + 1 };
    return { ...answers, [event.model]: { ...before, ...pieces, text: before.text + event.text } };
  }
  if (event.type === "error") return { ...answers, [event.model]: { ...before, lastMs: nowMs, problem: event.problem } };
  const { message } = event;
  return { ...answers, [event.model]: { ...before, lastMs: nowMs, text: message.content, message, problem: null } };
}

/** When a model's turn to answer came: two answer one after the other, so the second waits for the first. */
export function begunMs(turn: Turn, model: string): number | null {
  const place = turn.models.indexOf(model);
  const before = place > 0 ? turn.models[place - 1] : undefined;
  if (before === undefined) return turn.startedMs;
  const earlier = turn.answers[before];
  return earlier && (earlier.message || earlier.problem) ? earlier.lastMs : null;
}

/** From the moment a model began to the first piece of its answer. */
export function firstTokenMs(turn: Turn, model: string): number | null {
  const begun = begunMs(turn, model);
  const first = turn.answers[model]?.firstMs ?? null;
  return begun === null || first === null ? null : Math.max(0, first - begun);
}

/** A new question, or one of these asked again by its position. */
export type Question = Extract<Asked, { position?: undefined }>["question"];

const KEPT_MS = 300; // a stopped answer is kept by the API a moment after the connection closed

/**
 * Ask, follow the answers, stop them; one question at a time. `turn` is there from the question until the conversation
 * holds its answers; after a failure it stays, with what had been said, until the next question. `ended`: the answer that
 * came to its end last.
 */
export function useAnswers() {
  const client = useQueryClient();
  const [turn, setTurn] = useState<Turn | null>(null);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const [isAnswering, setAnswering] = useState(false);
  const [ended, setEnded] = useState<MessageOut | null>(null);
  const running = useRef<AbortController | null>(null);
  const stop = useCallback(() => running.current?.abort(), []);
  useEffect(() => stop, [stop]);

  const follow = useCallback(
    async (asked: Asked, models: readonly string[]) => {
      running.current?.abort();
      const mine = new AbortController();
      running.current = mine;
      setProblem(null);
      setAnswering(true);
      let current: Turn = { asked, models, position: positionOf(client, asked), startedMs: performance.now(), answers: {} };
      setTurn(current);
      let failed = false;
      try {
        for await (const event of streamAnswers(asked, mine.signal)) {
          if (running.current !== mine) break;
          // The first question names the conversation.
          if (Object.keys(current.answers).length === 0) void client.invalidateQueries({ queryKey: chatKeys.sessions });
          if (event.type === "error") failed = true;
          current = { ...current, answers: withEvent(current.answers, event, performance.now()) };
          setTurn(current);
          if (event.type !== "done") continue;
          keepFirstToken(event.message.id, firstTokenMs(current, event.model));
          setEnded(event.message);
        }
      } catch (error) {
        failed = !mine.signal.aborted && !isAbort(error);
        if (failed && running.current === mine) setProblem(asProblem(error));
      }
      if (mine.signal.aborted) await new Promise((resolve) => setTimeout(resolve, KEPT_MS));
      await client.invalidateQueries({ queryKey: chatKeys.session(asked.sessionId) });
      void client.invalidateQueries({ queryKey: chatKeys.sessions });
      if (running.current !== mine) return;
      running.current = null;
      setAnswering(false);
      if (!failed) setTurn(null);
    },
    [client],
  );

  const ask = useCallback(
    (sessionId: string, question: Question, models: readonly string[]) => follow({ sessionId, question }, models),
    [follow],
  );
  const askAgain = useCallback(
    (sessionId: string, position: number, question: QuestionAgainIn, models: readonly string[]) =>
      follow({ sessionId, position, question }, models),
    [follow],
  );
  return { turn, problem, isAnswering, ended, ask, askAgain, stop };
}

/** Questions stand at odd places, each answer behind its question. */
function positionOf(client: QueryClient, asked: Asked): number {
  if (asked.position !== undefined) return asked.position;
  const known = client.getQueryData<SessionWithMessagesOut>(chatKeys.session(asked.sessionId));
  const questions = known?.messages.filter((message) => message.role === "user") ?? [];
  return (questions.at(-1)?.position ?? -1) + 2;
}
