/** One server-sent event. */
export interface ServerSentEvent {
  event: string;
  data: string;
  id: string | null;
}

/**
 * Events of a `text/event-stream` body, however its bytes are cut
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation).
 * An event that the end cuts off is dropped. Leaving the loop early cancels the body.
 */
export async function* readServerSentEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = new EventParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      yield* parser.take(done ? decoder.decode() : decoder.decode(value, { stream: true }));
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

class EventParser {
  private rest = "";
  private event = "";
  private data: string[] = [];
  private id: string | null = null;

  *take(text: string): Generator<ServerSentEvent> {
    this.rest += text;
    for (;;) {
      const end = this.rest.search(/[\r\n]/);
      if (end < 0) return;
      const isCarriageReturn = this.rest[end] === "\r";
      if (isCarriageReturn && end + 1 === this.rest.length) return; // its line feed may still come
      const line = this.rest.slice(0, end);
      this.rest = this.rest.slice(end + (isCarriageReturn && this.rest[end + 1] === "\n" ? 2 : 1));
      if (line === "") yield* this.dispatch();
      else this.field(line);
    }
  }

  private *dispatch(): Generator<ServerSentEvent> {
    if (this.data.length > 0) {
      yield { event: this.event || "message", data: this.data.join("\n"), id: this.id };
    }
    this.event = "";
    this.data = [];
  }

  private field(line: string): void {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.event = value;
    else if (name === "data") this.data.push(value);
    else if (name === "id" && !value.includes("\0")) this.id = value;
  }
}
