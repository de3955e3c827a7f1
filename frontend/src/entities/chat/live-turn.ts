import type { MessageOut } from "@/lib/api/generated/types.gen";
import type { ProblemError } from "@/lib/problem";

import type { AnswerEvent, Asked } from "./stream";

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
  /** Messages that the conversation held before. */
  known?: readonly string[];
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
