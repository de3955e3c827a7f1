import { describe, expect, it } from "vitest";

import { Curves } from "./curves";
import { logLines, Ring } from "./ring";
import { NO_CLOCK, sampleEvent } from "./samples";

const point = (seq: number, step: number, value: number) =>
  sampleEvent(seq, { type: "metrics", step, values: { "train/loss": value } });

describe("Curves", () => {
  it("grows behind what the API gave, each event once", () => {
    const curves = new Curves();
    curves.reset({ head_seq: 2, clock: NO_CLOCK, series: { "train/loss": { steps: [1, 2], values: [5, 4], total: 2 } } });
    expect(curves.apply([point(2, 2, 99), point(3, 3, 3)])).toBe(true);
    expect(curves.apply([point(3, 3, 99)])).toBe(false);
    expect([...(curves.get("train/loss")?.steps ?? [])]).toEqual([1, 2, 3]);
    expect([...(curves.get("train/loss")?.values ?? [])]).toEqual([5, 4, 3]);
  });

  it("takes new values where a resumed run repeats steps", () => {
    const curves = new Curves();
    curves.apply([point(1, 1, 5), point(2, 2, 4), point(3, 4, 3), point(4, 2, 2), point(5, 3, 1)]);
    expect([...(curves.get("train/loss")?.steps ?? [])]).toEqual([1, 2, 3, 4]);
    expect([...(curves.get("train/loss")?.values ?? [])]).toEqual([5, 2, 1, 3]);
  });

  it("holds a hundred thousand points", () => {
    const curves = new Curves();
    for (let seq = 1; seq <= 100_000; seq += 1) curves.apply([point(seq, seq, seq / 2)]);
    expect(curves.get("train/loss")?.length).toBe(100_000);
    expect(curves.get("train/loss")?.values[99_999]).toBe(50_000);
  });
});

describe("Ring", () => {
  it("takes what came before in front while there is room, and never again what it has", () => {
    const ring = new Ring<{ seq: number }>(5);
    ring.add([{ seq: 8 }, { seq: 9 }]);
    expect(ring.prepend([{ seq: 6 }, { seq: 7 }, { seq: 8 }])).toBe(true);
    expect(ring.items.map(({ seq }) => seq)).toEqual([6, 7, 8, 9]);
    expect(ring.prepend([{ seq: 3 }, { seq: 4 }, { seq: 5 }])).toBe(true);
    expect(ring.items.map(({ seq }) => seq)).toEqual([5, 6, 7, 8, 9]);
    expect([ring.prepend([{ seq: 4 }]), ring.add([{ seq: 9 }]), ring.dropped]).toEqual([false, false, 0]);
  });

  it("keeps the last lines, each once", () => {
    const ring = new Ring<ReturnType<typeof logLines>[number]>(3);
    const line = (seq: number) => sampleEvent(seq, { type: "log", level: "info", message: `line ${seq}` });
    expect(ring.add(logLines([line(1), line(2), point(3, 1, 1), line(4)]))).toBe(true);
    const before = ring.items;
    expect(ring.add(logLines([line(2), line(4)]))).toBe(false);
    expect(ring.items).toBe(before);
    ring.add(logLines([line(5)]));
    expect(ring.items.map((one) => one.seq)).toEqual([2, 4, 5]);
    expect(ring.dropped).toBe(1);
  });
});
