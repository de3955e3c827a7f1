import { describe, expect, it } from "vitest";

import type { JobOut } from "@/lib/api/generated/types.gen";

import { importedReference, shownImports } from "./imports";

const job = (id: string, reference: string, state: JobOut["state"], minute: number) =>
  ({ id, name: id, config: { reference }, state, created_at: `2026-11-30T10:${String(minute).padStart(2, "0")}:00Z` }) as unknown as JobOut;

describe("shownImports", () => {
  it("keeps what failed until a later import of the same model has brought it", () => {
    const failed = job("a", "hf:one/gated", "failed", 1);
    expect(shownImports([failed], new Set())).toEqual([failed]);
    expect(shownImports([job("b", "hf:one/gated", "completed", 2), failed], new Set())).toEqual([]);
    expect(shownImports([failed, job("c", "hf:one/gated", "running", 3)], new Set()).map(({ id }) => id)).toEqual(["c"]);
  });

  it("leaves out what failed where the model is known by now, and nothing that is under way", () => {
    const jobs = [job("a", "hf:one/model", "cancelled", 1), job("b", "hf:two/model", "queued", 2)];
    expect(shownImports(jobs, new Set(["hf:one/model", "hf:two/model"])).map(({ id }) => id)).toEqual(["b"]);
  });

  it("knows an import without a reference by its name", () => {
    expect(importedReference({ name: "of old", config: {} })).toBe("of old");
  });
});
