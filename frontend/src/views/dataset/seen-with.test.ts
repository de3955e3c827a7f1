import { describe, expect, it } from "vitest";

import type { BaseModelOut } from "@/lib/api/generated/types.gen";

import { seenWith } from "./seen-with";

function model(reference: string, state: BaseModelOut["state"], context: number | null = 8192): BaseModelOut {
  return { reference, state, source: reference.split(":")[0], context_length: context } as BaseModelOut;
}

describe("the model whose eyes data is seen with", () => {
  const bundled = model("bundled:small", "available", null);

  it("is not ready before a training has prepared it", () => {
    expect(seenWith([bundled], null, null)).toMatchObject({ reference: "bundled:small", isReady: false });
    expect(seenWith([], null, null)).toMatchObject({ reference: null, isReady: false });
  });

  it("is one that is ready, where there is one and none is named", () => {
    const own = model("path:/m", "registered");
    expect(seenWith([bundled, own], null, null)).toMatchObject({ reference: "path:/m", isReady: true });
    expect(seenWith([bundled, own], "bundled:small", null)).toMatchObject({ reference: "bundled:small", isReady: false });
  });

  it("cuts no later than it can hold", () => {
    expect(seenWith([model("path:/m", "registered", 512)], null, null)).toMatchObject({ context: 512, max: 512 });
    expect(seenWith([model("path:/m", "registered")], null, 4096)).toMatchObject({ context: 8192, max: 4096 });
  });
});
