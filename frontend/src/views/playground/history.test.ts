import { describe, expect, it } from "vitest";

import { type Asked, readHistory, withAsked } from "./history";

const asked = (id: string): Asked => ({
  id,
  deploymentId: "dep_1",
  draft: id,
  answer: { deployment_id: "dep_1", name: "n", model_sha256: "a", task: "single_label", data: [], model_ms: 1, total_ms: 2 },
});

describe("history", () => {
  it("has the newest first and forgets the oldest", () => {
    let text = "";
    for (let number = 0; number < 25; number += 1) text = withAsked(readHistory(text), asked(`q${number}`));
    const found = readHistory(text);
    expect([found.length, found[0]?.id, found.at(-1)?.id]).toEqual([20, "q24", "q5"]);
  });

  it("is empty where nothing readable is kept", () => {
    expect([readHistory(""), readHistory("{"), readHistory("3"), readHistory('[{"draft":1}]')]).toEqual([[], [], [], []]);
  });
});
