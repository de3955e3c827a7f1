import type { QueryClient } from "@tanstack/react-query";
import { create } from "zustand";

import type { MessageOut, SessionWithMessagesOut } from "@/lib/api/generated/types.gen";
import { asProblem, isAbort, type ProblemError } from "@/lib/problem";

import { keepFirstToken } from "./first-token";
import { chatKeys } from "./keys";
import { firstTokenMs, type Turn, withEvent } from "./live-turn";
import { type Asked, streamAnswers } from "./stream";

/**
 * A conversation's newest question with its answers. It is there from the question until the conversation holds what was
 * said; after a failure it stays, with what had been said, until the next question.
 */
export interface LiveTurn {
  turn: Turn;
  problem: ProblemError | null;
  isAnswering: boolean;
}

interface Answering {
  /** By conversation. */
  live: Readonly<Record<string, LiveTurn>>;
  /** The answer that came to its end last, by conversation. */
  ended: Readonly<Record<string, MessageOut>>;
}

/** Answers on their way, in each conversation its own; they go on while one looks at others, or at other pages. */
export const useAnswering = create<Answering>(() => ({ live: {}, ended: {} }));

const KEPT_MS = 300; // a stopped answer is kept by the API a moment after the connection closed
const running = new Map<string, AbortController>();

/** Ask, and follow the answers to their end. What was still being answered in the same conversation stops. */
export async function follow(client: QueryClient, asked: Asked, models: readonly string[], stream = streamAnswers): Promise<void> {
  const { sessionId } = asked;
  stop(sessionId);
  const mine = new AbortController();
  running.set(sessionId, mine);
  const before = client.getQueryData<SessionWithMessagesOut>(chatKeys.session(sessionId))?.messages ?? [];
  const known = before.map(({ id }) => id);
  let turn: Turn = { asked, models, position: positionOf(before, asked), startedMs: performance.now(), known, answers: {} };
  const isMine = () => running.get(sessionId) === mine;
  const show = (part: Partial<LiveTurn> = {}) => isMine() && setLive(sessionId, { turn, problem: null, isAnswering: true, ...part });
  show();
  let problem: ProblemError | null = null;
  let hasFailed = false;
  try {
    for await (const event of stream(asked, mine.signal)) {
      if (!isMine()) break;
      // The first question names the conversation.
      if (Object.keys(turn.answers).length === 0) void client.invalidateQueries({ queryKey: chatKeys.sessions });
      if (event.type === "error") hasFailed = true;
      turn = { ...turn, answers: withEvent(turn.answers, event, performance.now()) };
      show();
      if (event.type !== "done") continue;
      keepFirstToken(event.message.id, firstTokenMs(turn, event.model));
      useAnswering.setState(({ ended }) => ({ ended: { ...ended, [sessionId]: event.message } }));
    }
  } catch (error) {
    if (!mine.signal.aborted && !isAbort(error)) {
      hasFailed = true;
      problem = asProblem(error);
      show({ problem });
    }
  }
  if (mine.signal.aborted) await new Promise((resolve) => setTimeout(resolve, KEPT_MS));
  void client.invalidateQueries({ queryKey: chatKeys.sessions });
  // A conversation that is not open is read anew, too: whoever comes back to it finds the answers there.
  await client.invalidateQueries({ queryKey: chatKeys.session(sessionId), refetchType: "all" });
  if (!isMine()) return;
  running.delete(sessionId);
  setLive(sessionId, hasFailed ? { turn, problem, isAnswering: false } : null);
}

/** End what is being answered in a conversation; what had been said is kept. */
export function stop(sessionId: string): void {
  running.get(sessionId)?.abort();
}

/** A conversation has been deleted: nothing of it is followed any more. */
export function forgetAnswers(sessionId: string): void {
  stop(sessionId);
  running.delete(sessionId);
  setLive(sessionId, null);
}

/** Models that answer in other conversations, where they were asked earlier: they begin with this one's question after that. */
export function busyElsewhere(live: Answering["live"], sessionId: string | null): ReadonlySet<string> {
  const asked = (sessionId === null ? undefined : live[sessionId]?.turn.startedMs) ?? Infinity;
  const others = Object.entries(live).filter(([id, { isAnswering, turn }]) => id !== sessionId && isAnswering && turn.startedMs < asked);
  return new Set(others.flatMap(([, { turn }]) => turn.models.find((model) => !hasEnded(turn, model)) ?? []));
}

function hasEnded({ answers }: Turn, model: string): boolean {
  const answer = answers[model];
  return Boolean(answer?.message ?? answer?.problem);
}

function setLive(sessionId: string, turn: LiveTurn | null): void {
  useAnswering.setState(({ live: { [sessionId]: _before, ...others } }) => ({
    live: turn ? { ...others, [sessionId]: turn } : others,
  }));
}

/** Questions stand at odd places, each answer behind its question. */
function positionOf(before: readonly MessageOut[], asked: Asked): number {
  if (asked.position !== undefined) return asked.position;
  const questions = before.filter((message) => message.role === "user");
  return (questions.at(-1)?.position ?? -1) + 2;
}
