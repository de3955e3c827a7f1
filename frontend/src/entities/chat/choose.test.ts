import { describe, expect, it } from "vitest";

import type { ChatModelOut } from "@/lib/api/generated/types.gen";

import { chooseModels, NOBODY, shortName } from "./choose";

const model = (name: string, kind: ChatModelOut["kind"], base: string | null, servable = true): ChatModelOut => ({
  name,
  kind,
  engine: kind === "ollama" ? "ollama" : "llama_cpp",
  id: name,
  base_reference: base,
  servable,
  created_at: "2026-11-21T00:00:00Z",
});
const MODELS = [
  model("faq", "deployment", "bundled:a"),
  model("poem", "deployment", "hf:x/y@1"),
  model("hf:x/y@1", "base", "hf:x/y@1", false),
  model("bundled:a", "base", "bundled:a"),
];
const nothing = { model: null, base: null };

describe("chooseModels", () => {
  it("puts the newest tuned model beside its base", () =>
    expect(chooseModels(MODELS, nothing, null)).toEqual({ left: "faq", right: "bundled:a" }));
  it("takes the asked model and finds its base", () =>
    expect(chooseModels(MODELS, { model: "faq", base: null }, null)).toEqual({ left: "faq", right: "bundled:a" }));
  it("leaves out a base that cannot be served", () =>
    expect(chooseModels(MODELS, { model: "poem", base: null }, null)).toEqual({ left: "poem", right: null }));
  it("talks to the base alone where nothing is tuned", () =>
    expect(chooseModels(MODELS.slice(2), nothing, null)).toEqual({ left: "bundled:a", right: null }));
  it("believes the address before the conversation", () => {
    const session = ["poem", "bundled:a"];
    expect(chooseModels(MODELS, nothing, session)).toEqual({ left: "poem", right: "bundled:a" });
    expect(chooseModels(MODELS, { model: null, base: NOBODY }, session)).toEqual({ left: "poem", right: null });
    expect(chooseModels(MODELS, { model: "faq", base: null }, session)).toEqual({ left: "faq", right: "bundled:a" });
  });
  it("finds a tuned model by its id and by the last word of its name", () => {
    const tuned = [{ ...model("ft:a:llmlora:faq:c8bc60c0", "deployment", "bundled:a"), id: "dep_1" }, ...MODELS.slice(2)];
    const found = { left: "ft:a:llmlora:faq:c8bc60c0", right: "bundled:a" };
    expect(chooseModels(tuned, { model: "faq", base: null }, null)).toEqual(found);
    expect(chooseModels(tuned, { model: "dep_1", base: null }, null)).toEqual(found);
  });
  it("never puts a model beside itself, and keeps unknown names", () => {
    expect(chooseModels(MODELS, { model: "faq", base: "faq" }, null)).toEqual({ left: "faq", right: null });
    expect(chooseModels(MODELS, { model: "gone", base: null }, null)).toEqual({ left: "gone", right: null });
    expect(chooseModels([], nothing, null)).toEqual({ left: null, right: null });
  });
});

describe("shortName", () => {
  it.each([
    ["faq", "faq"],
    ["ft:smollm2-135m-instruct:llmlora:faq:c8bc60c0", "faq:c8bc60c0"],
    ["bundled:smollm2-135m-instruct", "smollm2-135m-instruct"],
    ["path:/models/mine/", "mine"],
    ["hf:o/n@0123456789abcdef0123456789abcdef01234567", "o/n@0123456"],
    ["smollm2:135m", "smollm2:135m"],
    ["llmlora/faq-c8bc60c0:f16", "llmlora/faq-c8bc60c0:f16"],
    ["ollama:smollm2:135m@0123456789ab", "smollm2:135m@0123456"],
  ])("%s is %s", (name, short) => expect(shortName(name)).toBe(short));
});
