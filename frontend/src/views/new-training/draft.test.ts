import { describe, expect, it } from "vitest";

import { settingsOf } from "@/entities/recipe/settings";
import { BOOK, TRAINING as fixture } from "@/entities/recipe/samples";
import type { PresetOut } from "@/lib/api/generated/types.gen";

import { cliCommand, curlCommand, jobFile } from "./commands";
import { changedNames, EMPTY_DRAFT, readDraft, requestOf, withConfig, withEdit, withPreset } from "./draft";
import { longerLengths } from "./longer";

const settings = settingsOf(fixture.config_schema);
const preset = (name: string, values: Record<string, unknown>, first = false) => ({ name, title: WORDS, summary: WORDS, values: values as PresetOut["values"], first });
const WORDS = { ja: "", en: "" };
const presets = [
  preset("quick", { rank: 8, learning_rate: 5e-4, epochs: 1, max_steps: 20, max_length: 256, batch_size: 2 }),
  preset("balanced", { rank: 16, epochs: 3, batch_size: 2 }, true),
];
const [rank, seed] = ["rank", "seed"].map((name) => settings.find((one) => one.name === name));
if (!rank || !seed) throw new Error("rank, seed");

describe("a draft", () => {
  it("counts what means something else than the preset as changed", () => {
    expect(changedNames(withEdit(EMPTY_DRAFT, rank, "16.0", presets), settings, presets)).toEqual([]);
    expect(changedNames(withEdit(EMPTY_DRAFT, rank, "12", presets), settings, presets)).toEqual(["rank"]);
    expect(withEdit(withEdit(EMPTY_DRAFT, rank, "12", presets), rank, "16", presets).edits).toEqual({});
  });

  it("keeps through a preset what no preset sets", () => {
    const edited = withEdit(withEdit(EMPTY_DRAFT, rank, "12", presets), seed, "7", presets);
    expect(withPreset(edited, "quick", presets)).toMatchObject({ preset: "quick", edits: { seed: "7" } });
  });

  it("is filled from a config by the nearest preset, and means that config", () => {
    const config = { ...fixture.defaults, rank: 8, learning_rate: 5e-4, epochs: 1, max_steps: 30, max_length: 256, batch_size: 2 };
    const filled = withConfig(EMPTY_DRAFT, settings, config, presets);
    expect(filled.preset).toBe("quick");
    expect({ ...fixture.defaults, ...readDraft(filled, settings, presets).config }).toEqual(config);
  });

  it("keeps its edits and reads the recipe's own values while no presets are there", () => {
    const edited = withEdit(EMPTY_DRAFT, seed, "7", presets);
    expect(readDraft(edited, settings, []).config).toEqual({ seed: 7 });
    expect(readDraft(edited, settings, presets).config).toMatchObject({ seed: 7, rank: 16 });
    expect(withConfig(edited, settings, { ...fixture.defaults, seed: 9 }, []).edits["seed"]).toBe("9");
  });

  it("means the first preset until one is chosen, also when the chosen one is gone", () => {
    expect(readDraft({ ...EMPTY_DRAFT, preset: "quick" }, settings, presets).config).toMatchObject({ max_steps: 20 });
    expect(readDraft({ ...EMPTY_DRAFT, preset: "gone" }, settings, presets)).toEqual(readDraft(EMPTY_DRAFT, settings, presets));
  });

  it("asks for a deployment unless told not to", () => {
    const draft = { ...EMPTY_DRAFT, base: "b", dataset: "d" };
    expect(requestOf(draft, {}, BOOK)).toEqual({
      recipe: "text_lora",
      base_model: "b",
      dataset_id: "d",
      config: {},
      deploy: { target: "llama_cpp", quantization: "f16" },
    });
    expect(requestOf({ ...draft, target: null, deployName: "x" }, {}, BOOK)).not.toHaveProperty("deploy");
  });

  it("says how long a conversation may be only where somebody has written a number", () => {
    expect(requestOf({ ...EMPTY_DRAFT, context: " ４,０９６ " }, {}, BOOK).deploy).toMatchObject({ context: 4096 });
    expect(requestOf({ ...EMPTY_DRAFT, target: "ollama", context: "512" }, {}, BOOK).deploy).toMatchObject({ context: 512 });
    for (const context of ["", "long", "-1", "1e3"]) {
      expect(requestOf({ ...EMPTY_DRAFT, context }, {}, BOOK).deploy).not.toHaveProperty("context");
    }
  });

  it("gives Ollama what belongs to it, and nothing of llama.cpp's", () => {
    const draft = { ...EMPTY_DRAFT, target: "ollama", deployName: "x" };
    expect(requestOf(draft, {}, BOOK).deploy).toEqual({ target: "ollama", route: "auto" });
    expect(requestOf({ ...draft, form: "adapter" }, {}, BOOK).deploy).toEqual({ target: "ollama", route: "adapter" });
    expect(requestOf({ ...draft, form: "q4_K_M", tag: " me/faq:v1 ", replace: true }, {}, BOOK).deploy).toEqual({
      target: "ollama",
      route: "merged",
      quantize: "q4_K_M",
      tag: "me/faq:v1",
      replace: true,
    });
    expect(requestOf({ ...draft, replace: true }, {}, BOOK).deploy).not.toHaveProperty("replace");
  });
});

describe("the copies", () => {
  const request = {
    ...requestOf({ ...EMPTY_DRAFT, base: "path:/my models/a", dataset: "ds_1", name: "it's" }, {}, BOOK),
    config: { rank: 16, learning_rate: 1e-7, packing: true, dora: false, target_modules: ["q_proj", "v_proj"] },
  };

  it("quote for the shell", () => {
    expect(curlCommand(request, "http://h:1", false)).toContain(String.raw`"name": "it'\''s"`);
    const cli = cliCommand(request, "/data").replaceAll(" \\\n ", "");
    expect(cli).toBe(
      "./llmlora train --dataset ds_1 --base 'path:/my models/a' --rank 16 --learning-rate 1e-7 --packing --no-dora" +
        " --target-modules q_proj --target-modules v_proj --data-dir /data",
    );
  });

  it("write numbers so that YAML takes them for numbers", () => {
    expect(jobFile(request)).toContain("  learning_rate: 1.0e-7\n");
    expect(jobFile(request)).toContain('  target_modules: ["q_proj", "v_proj"]\n');
  });
});

describe("longer rows", () => {
  const ledger = {
    rows_read: 100, rows_kept: 100, rows_truncated: 30, rows_dropped: 0, dropped_by_reason: {}, first_dropped: [],
    training_rows: 100, tokens: 1, supervised_tokens: 1, longest: 256, longest_before_truncation: 7441,
    length_quantiles: {}, max_length: 256, end_of_turn: null, ends_of_turn: {}, rows_end_cut: 0, rows_not_rendered: {},
  };
  const bins = [
    { first_tokens: 1, last_tokens: 256, rows: 70 },
    { first_tokens: 257, last_tokens: 768, rows: 29 },
    { first_tokens: 769, last_tokens: 8192, rows: 1 },
  ];

  it("are offered for nearly all rows and for all", () => {
    expect(longerLengths(ledger, bins, 8192)).toEqual([
      { maxLength: 768, stillTruncated: 1 },
      { maxLength: 7488, stillTruncated: 0 },
    ]);
    expect(longerLengths(ledger, null, 4096)).toMatchObject([{ maxLength: 4096 }]);
    expect(longerLengths({ ...ledger, rows_truncated: 0 }, bins, 8192)).toEqual([]);
  });
});
