import type { MessageOut } from "@/lib/api/generated/types.gen";
import type { ProblemError } from "@/lib/problem";

import { silentOf } from "./asked";
import type { LiveTurn } from "./answering";
import { type Answer, begunMs, firstTokenMs } from "./live-turn";

/**
 * queued: another model answers first · behind: this model answers another conversation first · waiting: asked, nothing said
 * yet · elsewhere: being answered to another page · cut: it failed on an earlier visit.
 */
export type AnswerState = "queued" | "behind" | "waiting" | "elsewhere" | "streaming" | "done" | "stopped" | "failed" | "cut";

/** Whether more of it will come. */
export function isGrowing(state: AnswerState): boolean {
  return state === "streaming" || isAwaited(state);
}

/** Whether nothing of it is there yet. */
export function isAwaited(state: AnswerState): boolean {
  return state === "queued" || state === "behind" || state === "waiting" || state === "elsewhere";
}

export interface ShownAnswer {
  model: string;
  state: AnswerState;
  text: string;
  message: MessageOut | null;
  problem: ProblemError | null;
  /** On the page's clock: since when it is this model's turn. */
  begunMs: number | null;
  firstTokenMs: number | null;
  /** Pieces per second, as they come; about the same as tokens. */
  pace: number | null;
}

export interface ShownTurn {
  position: number;
  question: string;
  answers: readonly ShownAnswer[];
}

const NOTHING_SAID: Omit<ShownAnswer, "model"> = {
  state: "stopped",
  text: "",
  message: null,
  problem: null,
  begunMs: null,
  firstTokenMs: null,
  pace: null,
};

interface Meanwhile {
  /** The turn that is being answered to this page, or that failed here. */
  live?: LiveTurn | null;
  /** Models that are answering other conversations. */
  busy?: ReadonlySet<string>;
  /** Whether the API is answering the last question, to whomever. */
  isAnsweredElsewhere?: boolean;
  /** In which order answers stand whose question does not say. */
  order?: readonly string[];
}

/**
 * A conversation as it is shown: each question with its answers; the live turn in its place. What is being asked again
 * ends the conversation; a turn that failed hides nothing that other pages got there, or behind it.
 */
export function shownTurns(messages: readonly MessageOut[], meanwhile: Meanwhile = {}): ShownTurn[] {
  const { live = null, order = [] } = meanwhile;
  const isAnsweredElsewhere = (meanwhile.isAnsweredElsewhere ?? false) && !live?.isAnswering;
  const end = (live?.isAnswering ? live.turn.asked.position : undefined) ?? Infinity;
  const questions = messages.filter((message) => message.role === "user" && message.position < end);
  const last = questions.at(-1);
  const its = live && questions.find((question) => isOf(live, question));
  const turns = questions.map((question): ShownTurn => {
    const isComing = isAnsweredElsewhere && question === last;
    if (live && question === its && !isComing) return liveTurn(messages, live, question.position, meanwhile.busy);
    return { position: question.position, question: question.content, answers: answersTo(question, messages, order, isComing) };
  });
  // A question that was asked again, and is no longer there, has no words of its own.
  if (!live || its || (!live.isAnswering && live.turn.asked.question.content == null)) return turns;
  const place = Math.max(live.turn.position, last ? last.position + 2 : 0);
  return [...turns, liveTurn(messages, live, place, meanwhile.busy)];
}

/** Whether a kept question is the one of a live turn: other pages may have asked theirs at its place. */
function isOf({ turn: { asked, position } }: LiveTurn, question: MessageOut): boolean {
  if (asked.position !== undefined) return question.position === asked.position;
  return question.position >= position && question.content === asked.question.content;
}

/** What was said to a question; who was asked and has said nothing (cut off before a word by a reload) stands there, too. */
function answersTo(
  question: MessageOut,
  messages: readonly MessageOut[],
  order: readonly string[],
  isBeingAnswered: boolean,
): ShownAnswer[] {
  const kept = messages.filter(({ role, position }) => role === "assistant" && position === question.position + 1).map(keptAnswer);
  const state = isBeingAnswered ? "elsewhere" : "stopped";
  const silent = silentOf(question, messages).map((model): ShownAnswer => ({ ...NOTHING_SAID, model, state }));
  const places = question.asked ?? order;
  return [...kept, ...silent].sort((one, other) => placeOf(places, one.model) - placeOf(places, other.model));
}

function liveTurn(messages: readonly MessageOut[], live: LiveTurn, position: number, busy?: ReadonlySet<string>): ShownTurn {
  const { turn } = live;
  const kept = messages.find((message) => message.role === "user" && message.position === position);
  const answers = turn.models.map((model) => liveAnswer(live, model, busy?.has(model) ?? false));
  const question = turn.asked.question.content ?? kept?.content ?? "";
  if (live.isAnswering) return { position, question, answers };
  const others = messages.filter((message) => message.role === "assistant" && message.position === position + 1);
  const isLater = (message: MessageOut) => isOfAnotherPage(message, turn);
  const failed = answers.map((answer) => {
    const later = others.find((message) => message.model === answer.model && isLater(message));
    return later ? keptAnswer(later) : answer;
  });
  const more = others.filter(({ model }) => !turn.models.includes(model ?? "")).map(keptAnswer);
  return { position, question: others.some(isLater) ? (kept?.content ?? question) : question, answers: [...failed, ...more] };
}

/** Whether an answer was given after the turn had failed; what is kept of a broken one is the turn's own. */
function isOfAnotherPage(message: MessageOut, { answers, known }: LiveTurn["turn"]): boolean {
  const own = answers[message.model ?? ""];
  if (own?.message?.id === message.id || known?.includes(message.id)) return false;
  return stateOf(message) === "done" || !message.content.startsWith(own?.text ?? "");
}

function liveAnswer({ turn, problem: streamProblem, isAnswering }: LiveTurn, model: string, isBusy: boolean): ShownAnswer {
  const answer = turn.answers[model];
  const begun = begunMs(turn, model);
  const problem = answer?.problem ?? (answer?.message ? null : streamProblem);
  const state = liveState(answer, problem, isAnswering, begun);
  return {
    model,
    state: state === "waiting" && isBusy ? "behind" : state,
    text: answer?.text ?? "",
    message: answer?.message ?? null,
    problem,
    begunMs: begun,
    firstTokenMs: firstTokenMs(turn, model),
    pace: paceOf(answer),
  };
}

function liveState(
  answer: Answer | undefined,
  problem: ProblemError | null,
  isAnswering: boolean,
  begun: number | null,
): AnswerState {
  if (problem) return "failed";
  if (answer?.message) return stateOf(answer.message);
  if (!isAnswering) return "stopped";
  if (answer?.text) return "streaming";
  return begun === null ? "queued" : "waiting";
}

function keptAnswer(message: MessageOut): ShownAnswer {
  return {
    model: message.model ?? "",
    state: stateOf(message),
    text: message.content,
    message,
    problem: null,
    begunMs: null,
    firstTokenMs: null,
    pace: null,
  };
}

function stateOf(message: MessageOut): AnswerState {
  if (message.finish_reason === "stopped") return "stopped";
  return message.finish_reason === "error" ? "cut" : "done";
}

function paceOf(answer: Answer | undefined): number | null {
  if (!answer || answer.firstMs === null || answer.lastMs === null || answer.pieces < 3) return null;
  const seconds = (answer.lastMs - answer.firstMs) / 1000;
  return seconds > 0 ? (answer.pieces - 1) / seconds : null;
}

function placeOf(order: readonly string[], model: string): number {
  const place = order.indexOf(model);
  return place < 0 ? order.length : place;
}
