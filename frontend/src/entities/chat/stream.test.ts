import { describe, expect, it } from "vitest";

import type { AnswerEvent } from "./stream";
import { streamAnswers } from "./stream";
import { withEvent } from "./live-turn";

const delta = (model: string, text: string) => `event: delta\ndata: ${JSON.stringify({ model, text })}\n\n`;
const done = `event: done\ndata: ${JSON.stringify({ model: "a", finish_reason: "stop", message: { content: "はい。" } })}\n\n`;
const failed = `event: error\ndata: ${JSON.stringify({ model: "b", problem: { status: 503, code: "engine_away", detail: "x" } })}\n\n`;

async function read(text: string): Promise<AnswerEvent[]> {
  const events: AnswerEvent[] = [];
  const asked = { sessionId: "s_1", question: { content: "?" } };
  const fetch = async () => new Response(text, { headers: { "content-type": "text/event-stream" } });
  for await (const event of streamAnswers(asked, new AbortController().signal, fetch)) events.push(event);
  return events;
}

describe("streamAnswers", () => {
  it("tells pieces, ends and failures by model", async () => {
    const events = await read(delta("a", "は") + delta("a", "い") + done + delta("b", "え") + failed);
    const answers = events.reduce(withEvent, {});
    expect(answers.a).toMatchObject({ text: "はい。", message: { content: "はい。" }, problem: null });
    expect(answers.b).toMatchObject({ text: "え", message: null, problem: { code: "engine_away", status: 503 } });
  });

  it("names a stream that ends before any answer has", async () => {
    await expect(read(delta("a", "は"))).rejects.toMatchObject({ code: "broken_stream" });
  });
});
