import { readdirSync, readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import type { JobDetail } from "../api/generated/types.gen";
import type { JobEvent } from "./messages";
import { apply, reconcile } from "./reducer";
import { sampleEvent, sampleJob } from "./samples";

const directory = new URL("../../../../docs/events/", import.meta.url);
const files = readdirSync(directory).filter((name) => name.endsWith(".json"));
const examples = new Map(
  files.map((name) => [name.replace(".json", ""), JSON.parse(readFileSync(new URL(name, directory), "utf8")) as JobEvent]),
);

/** What each example changes besides `head_seq`. */
const CHANGES: Record<string, Partial<JobDetail>> = {
  state: { state: "running", started_at: "2026-11-21T03:04:05.678901Z", next_run_at: null },
  progress: { progress: { stage: "train", done: 12, total: 40, unit: "steps", eta_s: 21.5 } },
  metrics: {
    latest_metrics: {
      "train/loss": { step: 12, value: 0.2150783538 },
      "train/learning_rate": { step: 12, value: 0.002 },
      "train/tokens_per_s": { step: 12, value: 91.54 },
      "train/grad_norm": { step: 12, value: null, not_finite: "inf" },
    },
  },
  log: {},
  resources: {},
  checkpoint: {
    artifacts: [
      {
        id: "event:job_1a1fdbc75dec76fc33b:6",
        job_id: "job_1a1fdbc75dec76fc33b",
        epoch: 1,
        kind: "checkpoint",
        name: "step-00000010",
        path: "jobs/job_1a1fdbc75dec76fc33b/1/checkpoints/step-00000010",
        sha256: "3fa306a90c9c242395daa82826dbf819b1952addb26b325f7e57d0f691bde6c3",
        size_bytes: 14899000,
        step: 10,
        facts: {},
        created_at: "2026-11-21T03:04:05.678901Z",
        download_url: null,
      },
    ],
  },
  artifact: {
    artifacts: [
      {
        id: "event:job_1a1fdbc75dec76fc33b:7",
        job_id: "job_1a1fdbc75dec76fc33b",
        epoch: 1,
        kind: "adapter",
        name: "final_model",
        path: "jobs/job_1a1fdbc75dec76fc33b/1/final_model",
        sha256: "9990d13966ab9756b28692c1d53f0d51015bf001e6533befcf4b341955f67468",
        size_bytes: 8466716,
        step: null,
        facts: { "train/loss": 0.0019903562 },
        created_at: "2026-11-21T03:04:05.678901Z",
        download_url: null,
      },
    ],
  },
  report: {
    reports: {
      ledger: {
        rows_read: 5,
        rows_kept: 5,
        rows_truncated: 0,
        rows_dropped: 0,
        supervised_tokens: 131,
        longest: 92,
        end_of_turn: "<|im_end|>",
      },
    },
  },
  failure: {},
  finished: {},
};

describe("apply, by the documented examples", () => {
  it("has a case for every file", () => {
    expect([...examples.keys()].sort()).toEqual(Object.keys(CHANGES).sort());
  });

  it.each([...examples])("%s changes just its fields", (type, event) => {
    const before = sampleJob({ head_seq: event.seq - 1, next_run_at: "2026-11-21T03:04:00Z" });
    const after = apply(before, [event]);
    expect(after).toEqual({ ...before, ...CHANGES[type], head_seq: event.seq });
    expect(apply(after, [event])).toBe(after);
  });
});

describe("apply, over the life of a job", () => {
  const failure = { type: "failure", failure_class: "infrastructure", code: "worker_died", ja: "あ", en: "a" } as const;

  it("counts an attempt when a failed run is tried again, and shows no failure", () => {
    const running = sampleJob({ state: "running" });
    const again = apply(running, [
      sampleEvent(1, failure),
      sampleEvent(2, { type: "state", state: "queued", reason: "worker_died", failure }),
      sampleEvent(3, { type: "state", state: "running", reason: null, failure: null }, 2),
    ]);
    expect(again).toMatchObject({ state: "running", attempt: 2, epoch: 2, failure: null, finished_at: null });
  });

  it("keeps a figure that is no number, until there is one again", () => {
    const at = (step: number, body: object) => sampleEvent(step, { type: "metrics", step, values: {}, ...body });
    const diverged = apply(sampleJob({ state: "running" }), [
      at(1, { values: { "train/loss": 2 } }),
      at(2, { values: { "train/epoch": 1 }, not_finite: { "train/loss": "nan" } }),
    ]);
    expect(diverged.latest_metrics).toEqual({ "train/loss": { step: 2, value: null, not_finite: "nan" }, "train/epoch": { step: 2, value: 1 } });
    expect(apply(diverged, [at(3, { values: { "train/loss": 1 } })]).latest_metrics["train/loss"]).toEqual({ step: 3, value: 1 });
  });

  it("keeps the verdict of a failed job", () => {
    const failed = apply(sampleJob({ state: "running" }), [sampleEvent(1, { type: "state", state: "failed", failure })]);
    expect(failed).toMatchObject({ state: "failed", failure, finished_at: "2026-11-21T03:04:05Z" });
  });

  it("shows a cancelled job as wished", () => {
    const ended = apply(sampleJob(), [sampleEvent(1, { type: "state", state: "cancelled" })]);
    expect(ended).toMatchObject({ state: "cancelled", desired: "cancel", failure: null });
  });

  it("leaves what a list does not hold alone", () => {
    const { artifacts: _a, reports: _r, ...row } = sampleJob();
    const after = apply(row, [
      sampleEvent(1, { type: "report", name: "ledger", body: {} }),
      sampleEvent(2, { type: "checkpoint", step: 1, path: "a/b", sha256: "", size_bytes: 1 }),
    ]);
    expect(after).toEqual({ ...row, head_seq: 2 });
  });

  it("ignores types of a later API but for their number", () => {
    const future = { type: "thought", words: 3 } as unknown as JobEvent["body"];
    expect(apply(sampleJob(), [sampleEvent(1, future)])).toEqual(sampleJob({ head_seq: 1 }));
  });

  it("does not go over a gap", () => {
    const after = apply(sampleJob(), [
      sampleEvent(1, { type: "finished", outcome: "completed" }),
      sampleEvent(3, { type: "state", state: "completed" }),
    ]);
    expect(after).toMatchObject({ head_seq: 1, state: "queued" });
  });
});

describe("apply, however the events arrive", () => {
  it("gives the same for random splits and repetitions", () => {
    const bodies = [...examples.values()].map((event) => event.body);
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = generator(seed);
      const pick = (count: number) => Math.floor(random() * count);
      const events = Array.from({ length: 1 + pick(40) }, (_, place) => {
        const body = bodies[pick(bodies.length)] as JobEvent["body"];
        return sampleEvent(place + 1, body.type === "metrics" ? { ...body, step: pick(20) } : body);
      });
      let split = sampleJob();
      for (let at = 0; at < events.length; ) {
        const end = at + 1 + pick(6);
        split = apply(split, events.slice(Math.max(0, at - pick(8)), end));
        if (random() < 0.3) split = apply(split, events.slice(0, pick(end)));
        at = end;
      }
      expect(split).toEqual(apply(sampleJob(), events));
    }
  });
});

describe("reconcile", () => {
  it("keeps what events have told when an older answer arrives late", () => {
    const cached = sampleJob({ head_seq: 9, state: "running" });
    const late = sampleJob({ head_seq: 4, desired: "cancel" });
    expect(reconcile(cached, late)).toEqual({ ...cached, desired: "cancel" });
    expect(reconcile(cached, { ...late, head_seq: 9 })).toMatchObject({ state: "queued" });
    expect(reconcile(undefined, late)).toBe(late);
  });
});

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
