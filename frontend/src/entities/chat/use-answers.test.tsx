import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";

import { makeQueryClient } from "@/lib/api/query-client";

import { useAnswering } from "./answering";
import { withEvent } from "./live-turn";
import { useAnswers } from "./use-answers";

afterEach(() => {
  cleanup();
  useAnswering.setState({ live: {}, ended: {} });
});

const drawn: string[][] = [];

function Open() {
  drawn.push([...useAnswers("here").busy]);
  return null;
}

function say(sessionId: string, text: string, model = "m") {
  useAnswering.setState(({ live }) => {
    const before = live[sessionId]?.turn.answers ?? {};
    const turn = {
      asked: { sessionId, question: { content: "?" } },
      models: [model],
      position: 1,
      startedMs: 1,
      answers: withEvent(before, { type: "delta", model, text }, 1),
    };
    return { live: { ...live, [sessionId]: { turn, problem: null, isAnswering: true } } };
  });
}

it("What is said in other conversations draws the open one only when who is busy changes", () => {
  render(
    <QueryClientProvider client={makeQueryClient()}>
      <Open />
    </QueryClientProvider>,
  );
  act(() => say("other", "一"));
  expect(drawn.at(-1)).toEqual(["m"]);
  const before = drawn.length;
  for (const word of ["二", "三", "四"]) act(() => say("other", word));
  act(() => say("third", "五"));
  expect(drawn.length).toBe(before);
  act(() => say("here", "六"));
  expect(drawn.length).toBe(before + 1);
});
