import { describe, expect, it, vi } from "vitest";

import { ProblemError } from "../problem";
import { FAILURES_UNTIL_POLLING, SILENCE_MS, SOCKET_TRIAL_MS } from "./live-client";
import { client, ear, JOB, lines, MemorySocket, newest, noPages, withMemorySockets } from "./memory-socket";

withMemorySockets();

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
