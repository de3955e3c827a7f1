import { afterEach, beforeEach, vi } from "vitest";

import type { ProblemError } from "../problem";
import { LiveClient } from "./live-client";
import type { Batch, JobEvent } from "./messages";
import type { FetchPage } from "./poller";
import { sampleEvent } from "./samples";

export const JOB = "job_1a1fdbc75dec76fc33b";
export const line = (seq: number): JobEvent => sampleEvent(seq, { type: "log", level: "info", message: `${seq}` });
export const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, place) => line(from + place));

/** The browser's socket, joined to a server in memory. */
export class MemorySocket {
  static all: MemorySocket[] = [];
  static isBlocked = false;
  readyState = 0;
  sent: unknown[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { reason: string }) => void) | null = null;

  constructor(readonly url: string) {
    MemorySocket.all.push(this);
    setTimeout(() => (MemorySocket.isBlocked ? this.breakOff() : this.open()), 1);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = 3;
  }

  breakOff(reason = ""): void {
    this.readyState = 3;
    this.onclose?.({ reason });
  }

  says(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  tells(events: JobEvent[], headSeq = events.at(-1)?.seq ?? 0, over = false): void {
    this.says({ type: "events", job_id: JOB, events, head_seq: headSeq, over });
  }

  private open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
}

export const newest = () => MemorySocket.all.at(-1) as MemorySocket;
export const noPages: FetchPage = () => Promise.reject(new Error("no page was expected"));

export function client(fetchPage = noPages, onUnauthorized?: () => void): LiveClient {
  const Socket = MemorySocket as unknown as new (url: string) => WebSocket;
  return new LiveClient({ url: () => "ws://api/ws", fetchPage, ...(onUnauthorized && { onUnauthorized }), Socket, random: () => 0.5 });
}

/** A listener that writes down the numbers it hears. */
export function ear() {
  const heard = { numbers: [] as number[], over: false, problem: null as ProblemError | null };
  const listener = {
    onEvents: (batch: Batch) => {
      heard.numbers.push(...batch.events.map((event) => event.seq));
      heard.over ||= batch.over;
    },
    onProblem: (problem: ProblemError) => {
      heard.problem = problem;
    },
  };
  return { heard, listener };
}

/** Every test begins without a socket, and on a clock of its own. */
export function withMemorySockets(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    MemorySocket.all = [];
    MemorySocket.isBlocked = false;
  });
  afterEach(() => vi.useRealTimers());
}
