import { afterEach, describe, expect, it } from "vitest";

import { settingsOf } from "@/entities/recipe/settings";
import { bookOf } from "@/entities/recipe/book";
import { RECIPES, TRAINING as fixture } from "@/entities/recipe/samples";
import type { BaseModelOut, DatasetOut, JobDetail } from "@/lib/api/generated/types.gen";

import { changedNames, EMPTY_DRAFT, readDraft } from "./draft";
import { draftKey, forgetDraft, loadDraft, saveDraft } from "./draft-store";
import { initialDraft, type Source } from "./initial-draft";
import { verdictOf } from "./use-ledger";

const BOOK = bookOf(RECIPES);
const dataset = (id: string, kept: number) => ({ id, kind: "text.chat", counts: { kept } }) as unknown as DatasetOut;
const MODELS = [{ id: "bm_1", reference: "bundled:a", source: "bundled" } as unknown as BaseModelOut];
const settings = settingsOf(fixture.config_schema);
const CONFIG = { ...fixture.defaults, epochs: 7, seed: 11, weight_decay: 0.05 };
/** Presets that pass over few rows more often. */
const presetsFor = (rows: number) => {
  const words = { ja: "", en: "" };
  return [{ name: "balanced", title: words, summary: words, first: true, values: { rank: 16, epochs: rows < 50 ? 8 : 3 } }];
};
const PRESETS = presetsFor(8);
const stage = (recipe: string, config: object) =>
  ({ id: `${recipe}:${"target" in config ? config.target : ""}`, recipe, config, inputs: { export_job_id: "export_gguf:adapter" } }) as unknown as JobDetail;

function sourceOf(changes: Partial<Source> = {}): Source {
  const job = { id: "job_1", recipe: "text_lora", name: "faq – 学習", inputs: { dataset_id: "d1", base_model: "bm_1" }, config: CONFIG };
  return { job: job as unknown as JobDetail, stages: [], base: "hf:o/n@abc", ...changes };
}

const duplicated = (source: Source, datasets = [dataset("d1", 8), dataset("d2", 4000)]) =>
  initialDraft(EMPTY_DRAFT, BOOK, datasets, MODELS, source, null, PRESETS);

describe("a duplicate", () => {
  it("has every setting of the job, and still has them over other data", () => {
    const draft = duplicated(sourceOf());
    const meant = (rows: number) => ({ ...fixture.defaults, ...readDraft({ ...draft, rows }, settings, presetsFor(rows)).config });
    expect(meant(8)).toEqual(CONFIG);
    expect(meant(4000)).toEqual(CONFIG);
    expect(changedNames(draft, settings, PRESETS)).toContain("weight_decay");
  });
  it("has the base by its name, and inherits no name", () => {
    expect(duplicated(sourceOf())).toMatchObject({ base: "hf:o/n@abc", name: "", deployName: "", tag: "" });
  });
  it("leaves open what is gone instead of taking another", () => {
    expect(duplicated(sourceOf({ base: null }), [dataset("d2", 9)])).toMatchObject({ base: null, dataset: null });
  });
  it.each([
    [[], { target: null }],
    [[stage("export_gguf", { target: "adapter", outtype: "q8_0" }), stage("deploy_llama_cpp", { context: 4096 })], { target: "llama_cpp", form: "q8_0", context: "4096" }],
    [[stage("export_gguf", { target: "base", outtype: "f16" }), stage("export_gguf", { target: "adapter", outtype: "f32" }), stage("deploy_llama_cpp", { context: null })], { target: "llama_cpp", form: "f32", context: "" }],
    [[stage("deploy_ollama", { route: "merged", quantize: "q4_K_M", num_ctx: 2048 })], { target: "ollama", form: "q4_K_M", context: "2048" }],
    [[stage("deploy_ollama", { route: "merged", quantize: "none", num_ctx: 2048 })], { target: "ollama", form: "none" }],
    [[stage("deploy_ollama", { route: "adapter", quantize: "none", num_ctx: 2048 })], { target: "ollama", form: "adapter" }],
    [[stage("deploy_ollama", { route: "auto", quantize: "none", num_ctx: 2048 })], { target: "ollama", form: "auto" }],
    [
      [
        stage("export_gguf", { target: "merged", outtype: "q8_0" }),
        stage("export_gguf", { target: "adapter", outtype: "f32" }),
        stage("deploy_llama_cpp", { context: null }),
        stage("deploy_ollama", { route: "merged", quantize: "q4_K_M", num_ctx: 2048 }),
      ],
      { target: "llama_cpp", form: "f32" },
    ],
  ])("goes where the job's model went (%#)", (stages, expected) => {
    expect(duplicated(sourceOf({ stages }))).toMatchObject(expected);
  });
});

describe("drafts of this tab", () => {
  afterEach(() => sessionStorage.clear());
  const addresses = [
    { from: null, dataset: null, base: null },
    { from: null, dataset: "d1", base: null },
    { from: null, dataset: "d2", base: null },
    { from: null, dataset: "d1", base: "b" },
    { from: null, dataset: null, base: "d1" },
    { from: "d1", dataset: null, base: null },
  ];
  it("never show up at another address", () => {
    for (const [place, address] of addresses.entries()) saveDraft(draftKey(address), { ...EMPTY_DRAFT, name: `name ${place}` });
    for (const [place, address] of addresses.entries()) expect(loadDraft(draftKey(address)).name).toBe(`name ${place}`);
    forgetDraft(draftKey({ from: null, dataset: "d1", base: null }));
    expect(addresses.map((address) => loadDraft(draftKey(address)).name)).toEqual(["name 0", "", "name 2", "name 3", "name 4", "name 5"]);
  });
});

describe("the verdict on the rows", () => {
  it.each([
    [{ isCounted: false, isOld: true, hasFailed: false }, "none"],
    [{ isCounted: true, isOld: true, hasFailed: false }, "checking"],
    [{ isCounted: true, isOld: true, hasFailed: true }, "failed"],
    [{ isCounted: true, isOld: false, hasFailed: false }, "known"],
  ])("%j is %s", (facts, verdict) => expect(verdictOf(facts)).toBe(verdict));
});
