import { describe, expect, it, vi } from "vitest";

import { client, ear, JOB, line, lines, MemorySocket, newest, withMemorySockets } from "./memory-socket";

withMemorySockets();

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
