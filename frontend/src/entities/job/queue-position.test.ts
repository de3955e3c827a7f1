import { expect, it } from "vitest";

import { sampleJob } from "@/lib/live/samples";

import { queuePositions } from "./queue-position";

it("the more urgent goes first, then the older; what runs has left the line", () => {
  const line = queuePositions([
    sampleJob({ id: "new", created_at: "2026-11-21T03:02:00Z" }),
    sampleJob({ id: "old", created_at: "2026-11-21T03:01:00Z" }),
    sampleJob({ id: "urgent", created_at: "2026-11-21T03:03:00Z", priority: 5 }),
    sampleJob({ id: "running", state: "running" }),
  ]);
  expect([...line]).toEqual([
    ["urgent", { place: 1, length: 3 }],
    ["old", { place: 2, length: 3 }],
    ["new", { place: 3, length: 3 }],
  ]);
});
