import { QueryClient } from "@tanstack/react-query";
import { afterEach, describe, expect, it } from "vitest";

import type { MessageOut, SessionWithMessagesOut } from "@/lib/api/generated/types.gen";

import { busyElsewhere, follow, forgetAnswers, stop, useAnswering } from "./answering";
import { chatKeys } from "./keys";
import { type AnswerEvent, type Asked, streamAnswers } from "./stream";

/** The API as one conversation's stream of answers: what is said comes when the test says so. */
class Stream {
  signal: AbortSignal | undefined;
  private body!: ReadableStreamDefaultController<Uint8Array>;
  readonly answers = (asked: Asked, signal: AbortSignal): AsyncGenerator<AnswerEvent> =>
    streamAnswers(asked, signal, async (_input, init) => {
      this.signal = init?.signal ?? undefined;
      const stream = new ReadableStream<Uint8Array>({ start: (controller) => void (this.body = controller) });
      this.signal?.addEventListener("abort", () => this.body.error(new DOMException("left", "AbortError")));
      return new Response(stream);
    });

  say(event: string, data: unknown): void {
    this.body.enqueue(new TextEncoder().encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`));
  }

  end(): void {
    this.body.close();
  }
}

const asked = (sessionId: string): Asked => ({ sessionId, question: { content: "何時に開きますか？" } });
const answered = (model: string) => ({
  model, message: { id: `msg-${model}`, model, content: "九時です。" }, finish_reason: "stop", prompt_tokens: 1, completion_tokens: 1, tokens_per_s: 1,
});
const textOf = (sessionId: string, model: string) => useAnswering.getState().live[sessionId]?.turn.answers[model]?.text;
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

afterEach(() => {
  for (const id of Object.keys(useAnswering.getState().live)) forgetAnswers(id);
});

describe("answers on their way", () => {
  it("go on in one conversation while another is asked, and each arrives in its own", async () => {
    const [client, first, second] = [new QueryClient(), new Stream(), new Stream()];
    const one = follow(client, asked("a"), ["m"], first.answers);
    const other = follow(client, asked("b"), ["m"], second.answers);
    await settled();
    first.say("delta", { model: "m", text: "九時" });
    second.say("delta", { model: "m", text: "十時" });
    await settled();
    expect(first.signal?.aborted).toBe(false);
    expect([textOf("a", "m"), textOf("b", "m")]).toEqual(["九時", "十時"]);
    first.say("done", answered("m"));
    first.end();
    await one;
    expect(useAnswering.getState().live).toHaveProperty("b");
    expect(useAnswering.getState().live).not.toHaveProperty("a");
    expect(useAnswering.getState().ended["a"]?.content).toBe("九時です。");
    second.say("done", answered("m"));
    second.end();
    await other;
  });

  it("are in their conversation when one comes back to it, although nobody looked meanwhile", async () => {
    const [client, stream] = [new QueryClient(), new Stream()];
    const kept: MessageOut[] = [];
    const read = async () => ({ messages: [...kept] }) as unknown as SessionWithMessagesOut;
    await client.fetchQuery({ queryKey: chatKeys.session("a"), queryFn: read });
    const following = follow(client, asked("a"), ["m"], stream.answers);
    await settled();
    kept.push(answered("m").message as MessageOut);
    stream.say("done", answered("m"));
    stream.end();
    await following;
    expect(client.getQueryData<SessionWithMessagesOut>(chatKeys.session("a"))?.messages).toHaveLength(1);
    expect(useAnswering.getState().live).toEqual({});
  });

  it("stop in the conversation alone that is stopped", async () => {
    const [client, first, second] = [new QueryClient(), new Stream(), new Stream()];
    const one = follow(client, asked("a"), ["m"], first.answers);
    void follow(client, asked("b"), ["m"], second.answers);
    await settled();
    stop("a");
    await one;
    expect([first.signal?.aborted, second.signal?.aborted]).toEqual([true, false]);
    expect(Object.keys(useAnswering.getState().live)).toEqual(["b"]);
  });

  it("give way to the next question in the same conversation", async () => {
    const [client, first, second] = [new QueryClient(), new Stream(), new Stream()];
    void follow(client, asked("a"), ["m"], first.answers);
    await settled();
    void follow(client, asked("a"), ["n"], second.answers);
    await settled();
    second.say("delta", { model: "n", text: "はい" });
    await settled();
    expect(first.signal?.aborted).toBe(true);
    expect(useAnswering.getState().live["a"]?.turn.models).toEqual(["n"]);
    expect(textOf("a", "n")).toBe("はい");
  });

  it("are no longer followed once their conversation has been deleted", async () => {
    const [client, stream] = [new QueryClient(), new Stream()];
    const following = follow(client, asked("a"), ["m"], stream.answers);
    await settled();
    forgetAnswers("a");
    await following;
    expect(stream.signal?.aborted).toBe(true);
    expect(useAnswering.getState().live).toEqual({});
  });

  it("stay with what was said when the connection breaks, until the next question", async () => {
    const [client, stream] = [new QueryClient(), new Stream()];
    const following = follow(client, asked("a"), ["m"], stream.answers);
    await settled();
    stream.say("delta", { model: "m", text: "九時" });
    stream.end();
    await following;
    const live = useAnswering.getState().live["a"];
    expect([live?.isAnswering, live?.problem?.code, textOf("a", "m")]).toEqual([false, "broken_stream", "九時"]);
  });
});

describe("busyElsewhere", () => {
  it("leaves the conversation that was asked first alone", async () => {
    const [client, first, second] = [new QueryClient(), new Stream(), new Stream()];
    void follow(client, asked("a"), ["m"], first.answers);
    await settled();
    void follow(client, asked("b"), ["m"], second.answers);
    await settled();
    const busy = (sessionId: string) => [...busyElsewhere(useAnswering.getState().live, sessionId)];
    expect([busy("a"), busy("b")]).toEqual([[], ["m"]]);
  });

  it("names the model whose turn it is in each other conversation", async () => {
    const [client, stream] = [new QueryClient(), new Stream()];
    void follow(client, asked("a"), ["m", "n"], stream.answers);
    await settled();
    const busy = (sessionId: string | null) => [...busyElsewhere(useAnswering.getState().live, sessionId)];
    expect([busy("b"), busy(null), busy("a")]).toEqual([["m"], ["m"], []]);
    stream.say("done", answered("m"));
    await settled();
    expect(busy("b")).toEqual(["n"]);
  });
});
