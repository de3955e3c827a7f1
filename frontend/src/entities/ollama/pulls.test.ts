import { describe, expect, it } from "vitest";

import { PULL } from "@/entities/recipe/samples";
import { sampleJob } from "@/lib/live/samples";

import { pulledName, shownPulls } from "./pulls";

const pull = (id: string, name: string, state: "running" | "completed" | "failed", created_at: string) =>
  sampleJob({ id, recipe: PULL.name, config: { name }, state, created_at });

describe("shownPulls", () => {
  it("shows the newest of each model until it is done", () => {
    const jobs = [
      pull("d", "b:1", "running", "2026-11-21T04:00:00Z"),
      pull("c", "a:1", "completed", "2026-11-21T03:00:00Z"),
      pull("b", "a:1", "failed", "2026-11-21T02:00:00Z"),
      pull("a", "c:1", "failed", "2026-11-21T01:00:00Z"),
    ];
    expect(shownPulls(jobs).map(({ id }) => id)).toEqual(["d", "a"]);
  });
  it("names what is pulled", () => {
    expect(pulledName(pull("a", "smollm2:135m", "running", ""))).toBe("smollm2:135m");
    expect(pulledName({ config: {}, name: "Ollama x" })).toBe("Ollama x");
  });
});
