import { describe, expect, it } from "vitest";

import type { JobDetail } from "@/lib/api/generated/types.gen";

import { configDiff, factsOf, settingText } from "./config-diff";

const differing = (...configs: Record<string, unknown>[]) =>
  configDiff(configs).filter((row) => row.differs).map((row) => row.key);

describe("the difference of configurations", () => {
  it("is what has another value, or is there in some only", () => {
    expect(differing({ rank: 8, seed: 1 }, { rank: 16, seed: 1, alpha: 4 })).toEqual(["rank", "alpha"]);
  });

  it("looks into lists and objects, not at the order of keys", () => {
    expect(differing({ a: [1, 2], b: { x: 1, y: 2 } }, { a: [2, 1], b: { y: 2, x: 1 } })).toEqual(["a"]);
  });

  it("tells null from nothing, and keeps every run's value", () => {
    expect(configDiff([{ a: null }, {}])).toEqual([{ key: "a", values: [null, undefined], differs: true }]);
  });
});

it("one base is one base, named by its reference or by its id", () => {
  const on = (base_model: string) => ({ inputs: { base_model, dataset_id: "ds_1" }, recipe: "text_lora", device: "cpu" }) as JobDetail;
  const bases = [{ id: "model_1", reference: "bundled:small" }];
  const base = (...names: string[]) => factsOf(names.map(on), bases).find(({ key }) => key === "base_model");
  expect(base("bundled:small", "model_1")).toMatchObject({ values: ["bundled:small", "bundled:small"], differs: false });
  expect(base("bundled:small", "model_2")).toMatchObject({ differs: true });
});

it("settings read bare", () => {
  expect([0.0002, false, null, ["q_proj", "v_proj"], { a: 1 }].map((value) => settingText(value, "–"))).toEqual([
    "0.0002",
    "false",
    "–",
    "q_proj, v_proj",
    '{"a":1}',
  ]);
});
