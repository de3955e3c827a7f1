import { expect, it } from "vitest";

import { sampleJob } from "@/lib/live/samples";

import { followed, MOST_FOLLOWED } from "./use-follow";

it("of three hundred open jobs those at work and next to it are followed, and none that has ended", () => {
  const queued = Array.from({ length: 280 }, (_, place) =>
    sampleJob({ id: `q${place}`, created_at: new Date(Date.UTC(2026, 10, 2) - place * 1000).toISOString() }),
  );
  const running = Array.from({ length: 4 }, (_, place) => sampleJob({ id: `r${place}`, state: "running" }));
  const jobs = [sampleJob({ id: "done", state: "completed" }), sampleJob({ id: "p", state: "pending" }), ...queued, ...running];
  const ids = followed(jobs);
  expect(ids).toHaveLength(MOST_FOLLOWED);
  expect(ids.slice(0, 5)).toEqual(["r0", "r1", "r2", "r3", "q279"]);
  expect(ids).not.toContain("done");
});
