import { describe, expect, it } from "vitest";

import { readServerSentEvents, type ServerSentEvent } from "./sse";

const TEXT =
  "\uFEFFretry: 1000\n\nid: 7\nevent: delta\ndata: {\"text\":\"学習🌱\"}\n\n: a comment\r\n\r\ndata: one\r\ndata:two\r\n\r\nevent: over\rdata\r\r\nevent: cut off\ndata: nobody";

function body(bytes: Uint8Array, cuts: number[], onCancel = () => {}): ReadableStream<Uint8Array> {
  const ends = [...cuts, bytes.length];
  return new ReadableStream({
    start(controller) {
      ends.forEach((end, place) => controller.enqueue(bytes.slice(place === 0 ? 0 : ends[place - 1], end)));
      controller.close();
    },
    cancel: onCancel,
  });
}

async function all(stream: ReadableStream<Uint8Array>): Promise<ServerSentEvent[]> {
  const events = [];
  for await (const event of readServerSentEvents(stream)) events.push(event);
  return events;
}

const EXPECTED = [
  { event: "delta", data: '{"text":"学習🌱"}', id: "7" },
  { event: "message", data: "one\ntwo", id: "7" },
  { event: "over", data: "", id: "7" },
];

describe("readServerSentEvents", () => {
  it("reads the same wherever the bytes are cut, even inside a character", async () => {
    const bytes = new TextEncoder().encode(TEXT);
    for (let cut = 0; cut <= bytes.length; cut += 1) expect(await all(body(bytes, [cut]))).toEqual(EXPECTED);
    expect(await all(body(bytes, Array.from(bytes, (_, place) => place)))).toEqual(EXPECTED);
  });

  it("cancels the body when the reader leaves early", async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode("data: x\n\n")),
      cancel: () => {
        cancelled = true;
      },
    });
    for await (const event of readServerSentEvents(endless)) {
      expect(event.data).toBe("x");
      break;
    }
    expect(cancelled).toBe(true);
  });
});
