import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ProblemError } from "../problem";
import { FAILURES_UNTIL_POLLING, LiveClient, SILENCE_MS, SOCKET_TRIAL_MS } from "./live-client";
import type { Batch, JobEvent } from "./messages";
import type { FetchPage } from "./poller";
import { sampleEvent } from "./samples";

const JOB = "job_1a1fdbc75dec76fc33b";
const line = (seq: number): JobEvent => sampleEvent(seq, { type: "log", level: "info", message: `${seq}` });
const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, place) => line(from + place));

/** The browser's socket, joined to a server in memory. */
class MemorySocket {
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

const newest = () => MemorySocket.all.at(-1) as MemorySocket;
const noPages: FetchPage = () => Promise.reject(new Error("no page was expected"));

function client(fetchPage = noPages, onUnauthorized?: () => void): LiveClient {
  const Socket = MemorySocket as unknown as new (url: string) => WebSocket;
  return new LiveClient({ url: () => "ws://api/ws", fetchPage, ...(onUnauthorized && { onUnauthorized }), Socket, random: () => 0.5 });
}

/** A listener that writes down the numbers it hears. */
function ear() {
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

beforeEach(() => {
  vi.useFakeTimers();
  MemorySocket.all = [];
  MemorySocket.isBlocked = false;
});
afterEach(() => vi.useRealTimers());

describe("the socket", () => {
  it("follows several jobs on one connection, and rests when nobody follows", async () => {
    const live = client();
    const states: string[] = [];
    live.watchConnection(() => states.push(live.connection));
    const leave = live.follow(JOB, 3, ear().listener);
    live.follow("job_other", 0, ear().listener)();
    await vi.advanceTimersByTimeAsync(5);
    live.follow("job_third", 8, ear().listener)();
    expect(MemorySocket.all).toHaveLength(1);
    expect(newest().sent).toEqual([
      { subscribe: JOB, after: 3 },
      { subscribe: "job_third", after: 8 },
      { unsubscribe: "job_third" },
    ]);
    leave();
    await vi.advanceTimersByTimeAsync(5000);
    expect(states).toEqual(["connecting", "live", "idle"]);
    expect(newest().readyState).toBe(3);
  });

  it("comes back after it broke, behind the last event heard, and says when its session is over", async () => {
    const onUnauthorized = vi.fn();
    const live = client(noPages, onUnauthorized);
    const { heard, listener } = ear();
    live.follow(JOB, 0, listener);
    await vi.advanceTimersByTimeAsync(5);
    newest().tells(lines(1, 7));
    newest().breakOff();
    expect(live.connection).toBe("reconnecting");
    await vi.advanceTimersByTimeAsync(1000);
    expect(MemorySocket.all).toHaveLength(2);
    expect(newest().sent).toEqual([{ subscribe: JOB, after: 7 }]);
    newest().tells(lines(6, 9));
    expect(heard.numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([live.connection, onUnauthorized.mock.calls.length]).toEqual(["live", 0]);
    newest().breakOff("unauthenticated");
    expect(onUnauthorized).toHaveBeenCalledTimes(1);
  });

  it("is given up when it has been silent for too long", async () => {
    const live = client();
    live.follow(JOB, 0, ear().listener);
    await vi.advanceTimersByTimeAsync(5);
    newest().says({ type: "ping", job_id: JOB, head_seq: 0 });
    await vi.advanceTimersByTimeAsync(SILENCE_MS + 1000);
    expect(MemorySocket.all).toHaveLength(2);
  });

  it("waits longer after each failure", async () => {
    MemorySocket.isBlocked = true;
    client(() => new Promise(() => undefined)).follow(JOB, 0, ear().listener);
    const made: number[] = [];
    for (let ms = 0; ms < 3000; ms += 1) {
      if (MemorySocket.all.length > made.length) made.push(ms);
      await vi.advanceTimersByTimeAsync(1);
    }
    const waits = made.slice(1).map((at, place) => at - (made[place] ?? 0));
    expect(waits.every((wait, place) => place === 0 || wait > (waits[place - 1] ?? 0))).toBe(true);
    expect(made).toHaveLength(FAILURES_UNTIL_POLLING);
  });
});

describe("gaps", () => {
  it("asks again behind the last event when a number does not follow", async () => {
    const live = client();
    const { heard, listener } = ear();
    live.follow(JOB, 0, listener);
    await vi.advanceTimersByTimeAsync(5);
    newest().tells(lines(1, 3));
    newest().tells(lines(6, 7));
    expect(newest().sent.at(-1)).toEqual({ subscribe: JOB, after: 3 });
    newest().tells(lines(8, 8)); // was under way: no reason to ask a third time
    expect(newest().sent).toHaveLength(2);
    newest().tells(lines(4, 8));
    expect(heard.numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("hears from a ping that events were lost", async () => {
    const live = client();
    live.follow(JOB, 0, ear().listener);
    await vi.advanceTimersByTimeAsync(5);
    newest().tells(lines(1, 2));
    newest().says({ type: "ping", job_id: JOB, head_seq: 5 });
    expect(newest().sent.at(-1)).toEqual({ subscribe: JOB, after: 2 });
  });
});

describe("followers of one job", () => {
  it("each hear every event behind their own beginning once", async () => {
    const live = client();
    const [first, second] = [ear(), ear()];
    live.follow(JOB, 4, first.listener);
    await vi.advanceTimersByTimeAsync(5);
    newest().tells(lines(5, 6));
    live.follow(JOB, 1, second.listener);
    expect(newest().sent.at(-1)).toEqual({ subscribe: JOB, after: 1 });
    newest().tells(lines(2, 8));
    expect(first.heard.numbers).toEqual([5, 6, 7, 8]);
    expect(second.heard.numbers).toEqual([2, 3, 4, 5, 6, 7, 8]);
  });

  it("hear that the job is over, and no more", async () => {
    const live = client();
    const { heard, listener } = ear();
    live.follow(JOB, 0, listener);
    await vi.advanceTimersByTimeAsync(5);
    newest().tells(lines(1, 2), 2, true);
    newest().tells(lines(3, 3));
    expect(heard).toMatchObject({ numbers: [1, 2], over: true });
    await vi.advanceTimersByTimeAsync(5000);
    expect(live.connection).toBe("idle");
  });

  it("hear that there is no such job", async () => {
    const live = client();
    const { heard, listener } = ear();
    live.follow(JOB, 0, listener);
    await vi.advanceTimersByTimeAsync(5);
    const problem = { status: 404, code: "job_not_found", detail: "no" };
    newest().says({ type: "error", job_id: JOB, problem });
    expect(heard.problem).toMatchObject({ status: 404, code: "job_not_found" });
  });
});

describe("polling", () => {
  it("takes over where sockets are blocked, ends with the job, and yields to a socket that works", async () => {
    MemorySocket.isBlocked = true;
    const asked: number[] = [];
    const live = client((_, after) => {
      asked.push(after);
      const events = after === 0 ? lines(1, 2) : after === 2 ? lines(3, 3) : [];
      return Promise.resolve({ events, head_seq: 3, over: false, next: after === 0 ? 2 : null });
    });
    const { heard, listener } = ear();
    live.follow(JOB, 0, listener);
    await vi.advanceTimersByTimeAsync(8000);
    expect(live.connection).toBe("polling");
    expect(asked.slice(0, 3)).toEqual([0, 2, 3]);
    MemorySocket.isBlocked = false;
    await vi.advanceTimersByTimeAsync(SOCKET_TRIAL_MS);
    expect(newest().sent).toEqual([{ subscribe: JOB, after: 3 }]);
    newest().tells(lines(4, 4));
    expect(live.connection).toBe("live");
    const polls = asked.length;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toHaveLength(polls);
    expect(heard.numbers).toEqual([1, 2, 3, 4]);
  });

  it("stops when the job is over or gone", async () => {
    MemorySocket.isBlocked = true;
    const live = client((id) =>
      id === JOB
        ? Promise.resolve({ events: lines(1, 1), head_seq: 1, over: true, next: null })
        : Promise.reject(new ProblemError("job_not_found", { status: 404 })),
    );
    const [whole, gone] = [ear(), ear()];
    live.follow(JOB, 0, whole.listener);
    live.follow("job_gone", 0, gone.listener);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(whole.heard).toMatchObject({ numbers: [1], over: true });
    expect(gone.heard.problem?.code).toBe("job_not_found");
    expect(live.connection).toBe("idle");
  });
});

describe("a follower who is far behind", () => {
  const FAR = 50_000;
  const behind = () => {
    const { heard, listener } = ear();
    let skips = 0;
    return { heard, listener: { ...listener, onSkipped: () => (skips += 1) }, skips: () => skips };
  };

  it("is told to look anew instead of being sent every event that went by", async () => {
    const live = client();
    const { heard, listener, skips } = behind();
    live.follow(JOB, 10, listener);
    await vi.advanceTimersByTimeAsync(2);
    newest().tells(lines(11, 510), FAR);
    expect([heard.numbers, skips()]).toEqual([[], 1]);
    expect(newest().sent.at(-1)).toEqual({ subscribe: JOB, after: FAR });
    newest().tells(lines(511, 1010), FAR); // was on its way
    newest().tells([line(FAR + 1)]);
    expect([heard.numbers, skips()]).toEqual([[FAR + 1], 1]);
  });

  it("does not throw those back who are not", async () => {
    const live = client();
    const { heard, listener } = ear();
    live.follow(JOB, FAR, listener);
    await vi.advanceTimersByTimeAsync(2);
    newest().tells([line(FAR + 1)]);
    const late = behind();
    live.follow(JOB, 0, late.listener);
    await vi.advanceTimersByTimeAsync(1);
    expect(late.skips()).toBe(1);
    expect(newest().sent).toHaveLength(1);
    newest().tells([line(FAR + 2)]);
    expect([heard.numbers, late.heard.numbers]).toEqual([[FAR + 1, FAR + 2], [FAR + 2]]);
  });

  it("and is a little behind hears all of it", async () => {
    const live = client();
    const { heard, listener, skips } = behind();
    live.follow(JOB, 0, listener);
    await vi.advanceTimersByTimeAsync(2);
    newest().tells(lines(1, 500), 1500);
    newest().tells(lines(501, 1500), 1500);
    expect([heard.numbers.length, skips()]).toEqual([1500, 0]);
  });

  it("asks for no page in between where sockets do not come through", async () => {
    MemorySocket.isBlocked = true;
    const asked: number[] = [];
    const live = client((_, after) => {
      asked.push(after);
      const events = after < FAR ? lines(after + 1, after + 500) : [];
      return Promise.resolve({ events, head_seq: FAR, over: false, next: after < FAR ? after + 500 : null });
    });
    const { heard, listener, skips } = behind();
    live.follow(JOB, 0, listener);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([skips(), heard.numbers]).toEqual([1, []]);
    expect(asked.filter((after) => after < FAR)).toEqual([0]);
  });
});
