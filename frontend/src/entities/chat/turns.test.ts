import { describe, expect, it } from "vitest";

import type { MessageOut } from "@/lib/api/generated/types.gen";
import { ProblemError } from "@/lib/problem";

import { shownTurns } from "./turns";
import { type Turn, withEvent } from "./live-turn";

const message = (position: number, model: string | null, content: string, finish = "stop"): MessageOut => ({
  id: `${position}${model ?? ""}`,
  position,
  role: model === null ? "user" : "assistant",
  model,
  content,
  finish_reason: model === null ? null : finish,
  prompt_tokens: null,
  completion_tokens: null,
  tokens_per_s: null,
  sampling: null,
  asked: null,
  created_at: "2026-11-21T00:00:00Z",
});
const KEPT = [message(1, null, "一"), message(2, "b", "B1"), message(2, "a", "A1"), message(3, null, "二"), message(4, "a", "A2", "stopped")];
const turn = (answers: Turn["answers"], position = 5): Turn => ({
  asked: position < 5 ? { sessionId: "s", position, question: { content: "三" } } : { sessionId: "s", question: { content: "三" } },
  models: ["a", "b"],
  position,
  startedMs: 1000,
  answers,
});
const delta = (model: string, text: string) => ({ type: "delta", model, text }) as const;
const done = (model: string) =>
  ({ type: "done", model, message: message(6, model, "終"), finish_reason: "stop", prompt_tokens: 1, completion_tokens: 1, tokens_per_s: 1 }) as const;

describe("a conversation that was left in mid-answer", () => {
  const question = { ...message(1, null, "一"), asked: ["a", "b"] };
  const cut = [question, message(2, "a", "途中", "stopped")];
  it("shows both models again, with what was said and in the order of asking", () => {
    const answers = shownTurns(cut, { order: ["b", "a"] })[0]?.answers ?? [];
    expect(answers.map(({ model, state, text }) => [model, state, text])).toEqual([
      ["a", "stopped", "途中"],
      ["b", "stopped", ""],
    ]);
  });
  it("shows those alone who were asked", () => {
    const alone = [{ ...question, asked: ["b"] }, message(2, "b", "B")];
    expect(shownTurns(alone, { order: ["a", "b"] })[0]?.answers.map(({ model }) => model)).toEqual(["b"]);
  });
  it("waits for those who have said nothing while the API is still answering", () => {
    const states = (isAnsweredElsewhere: boolean) =>
      shownTurns([...cut, { ...message(3, null, "二"), asked: ["a"] }], { isAnsweredElsewhere }).map(({ answers }) => answers.map(({ state }) => state));
    expect(states(true)).toEqual([["stopped", "stopped"], ["elsewhere"]]);
    expect(states(false)).toEqual([["stopped", "stopped"], ["stopped"]]);
  });
});

describe("shownTurns", () => {
  it("puts answers behind their question, in the order of the columns", () => {
    const turns = shownTurns(KEPT, { order: ["a", "b"] });
    expect(turns.map((one) => [one.question, one.answers.map((answer) => answer.text)])).toEqual([
      ["一", ["A1", "B1"]],
      ["二", ["A2"]],
    ]);
    expect(turns[1]?.answers[0]?.state).toBe("stopped");
  });

  it("shows the second model waiting until the first has ended, and times each from its own beginning", () => {
    let answers = withEvent({}, delta("a", "は"), 1400);
    const states = () => shownTurns([], { live: { turn: turn(answers), problem: null, isAnswering: true } })[0]?.answers ?? [];
    expect(states().map((one) => one.state)).toEqual(["streaming", "queued"]);
    answers = withEvent(answers, done("a"), 2000);
    expect(states().map((one) => one.state)).toEqual(["done", "waiting"]);
    answers = withEvent(answers, delta("b", "い"), 2250);
    expect(states().map((one) => one.firstTokenMs)).toEqual([400, 250]);
  });

  it("says that a model is answering another conversation first, until it has begun with this one", () => {
    const states = (answers: Turn["answers"]) =>
      shownTurns([], { live: { turn: turn(answers), problem: null, isAnswering: true }, busy: new Set(["a"]) })[0]?.answers.map(({ state }) => state);
    expect(states({})).toEqual(["behind", "queued"]);
    expect(states(withEvent({}, delta("a", "は"), 1))).toEqual(["streaming", "queued"]);
  });

  it("replaces what is asked again, and all behind it", () => {
    const turns = shownTurns(KEPT, { live: { turn: turn({}, 1), problem: null, isAnswering: true } });
    expect(turns.map((one) => one.question)).toEqual(["三"]);
  });

  it("keeps what was said when the stream breaks", () => {
    const answers = withEvent(withEvent({}, done("a"), 1), delta("b", "途中"), 2);
    const live = { turn: turn(answers), problem: new ProblemError("broken_stream"), isAnswering: false };
    const shown = shownTurns([...KEPT, message(5, null, "三")], { live }).at(-1);
    expect(shown?.answers.map((one) => [one.state, one.text])).toEqual([
      ["done", "終"],
      ["failed", "途中"],
    ]);
  });
});

describe("a turn that failed here", () => {
  const problem = new ProblemError("broken_stream");
  const failed = (changes: Partial<Turn> = {}) => ({ turn: { ...turn(withEvent({}, delta("a", "途"), 1)), ...changes }, problem, isAnswering: false });
  const shown = (more: MessageOut[], changes: Partial<Turn> = {}, isAnsweredElsewhere = false) =>
    shownTurns([...KEPT, ...more], { live: failed(changes), isAnsweredElsewhere, order: ["a", "b"] })
      .slice(2)
      .map(({ position, question, answers }) => [position, question, answers.map(({ state, text }) => `${state} ${text}`)]);
  const own = message(5, null, "三");

  it("leaves to be seen what another page asked later", () => {
    expect(shown([own, message(7, null, "四"), message(8, "a", "答え")])).toEqual([
      [5, "三", ["failed 途", "failed "]],
      [7, "四", ["done 答え"]],
    ]);
  });
  it("stands behind what another page asked in its place, where its question never arrived", () => {
    expect(shown([message(5, null, "四"), message(6, "a", "答え")])).toEqual([
      [5, "四", ["done 答え"]],
      [7, "三", ["failed 途", "failed "]],
    ]);
  });
  it("gives way to what another page got to the same question, model by model", () => {
    expect(shown([own, message(6, "a", "答え"), message(6, "c", "別")])).toEqual([[5, "三", ["done 答え", "failed ", "done 別"]]]);
    expect(shown([own, message(6, "a", "途中", "error")])).toEqual([[5, "三", ["failed 途", "failed "]]]);
  });
  it("gives way while another page is being answered to it", () => {
    expect(shown([{ ...own, asked: ["a"] }], {}, true)).toEqual([[5, "三", ["elsewhere "]]]);
  });
  it("lets another page's later question be seen coming", () => {
    expect(shown([own, { ...message(7, null, "四"), asked: ["a"] }], {}, true).at(-1)).toEqual([7, "四", ["elsewhere "]]);
  });
  it("asked again, keeps its words beside an old answer, and gives way to a later one", () => {
    const again = { asked: { sessionId: "s", position: 3, question: { content: "二の改" } }, position: 3, models: ["a"], answers: {}, known: ["4a"] };
    const turns = (messages: MessageOut[]) => shownTurns(messages, { live: failed(again) }).map(({ question, answers }) => [question, answers.map(({ state }) => state)]);
    expect(turns(KEPT)).toEqual([["一", ["done", "done"]], ["二の改", ["failed"]]]);
    const later = [...KEPT.slice(0, 3), message(3, null, "二の別"), { ...message(4, "a", "A3"), id: "later" }, message(5, null, "五")];
    expect(turns(later)).toEqual([["一", ["done", "done"]], ["二の別", ["done"]], ["五", []]]);
  });
});
