import { expect, it } from "vitest";

import { queuePositions } from "./queue-position";

it("places count along the whole line, also where only its first jobs are named", () => {
  expect([...queuePositions({ data: ["urgent", "old"], length: 300 })]).toEqual([
    ["urgent", { place: 1, length: 300 }],
    ["old", { place: 2, length: 300 }],
  ]);
});
