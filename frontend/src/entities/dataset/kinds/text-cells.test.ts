import { describe, expect, it } from "vitest";

import type { Message } from "@/lib/api/generated/types.gen";

import { answerOf, furtherTurns, oneLine, promptOf } from "./text-cells";

const turn = (role: Message["role"], content: string): Message => ({ role, content });

describe("rows as one question and one answer", () => {
  it("takes the first question and the last answer of a conversation", () => {
    const chat = {
      row: 1,
      messages: [turn("system", "s"), turn("user", "q1"), turn("assistant", "a1"), turn("user", "q2"), turn("assistant", "a2")],
    };
    expect([promptOf(chat), answerOf(chat), furtherTurns(chat)]).toEqual(["q1", "a2", 2]);
  });

  it("takes the chosen answer of a preference", () => {
    const pair = { row: 1, messages: [turn("user", "q")], chosen: "good", rejected: "bad" };
    expect([promptOf(pair), answerOf(pair), furtherTurns(pair)]).toEqual(["q", "good", 0]);
  });

  it("takes the text of a completion, with or without its beginning", () => {
    expect(promptOf({ row: 1, prompt: "once", completion: "upon" })).toBe("once");
    expect(promptOf({ row: 1, completion: "plain" })).toBe("");
    expect(answerOf({ row: 1, completion: "plain" })).toBe("plain");
  });

  it("puts a text into one line", () => expect(oneLine(" a\n\n b\t")).toBe("a b"));
});
