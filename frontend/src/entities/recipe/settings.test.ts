import { describe, expect, it } from "vitest";

import fixture from "./text-lora.fixture.json";
import { found, grouped, KEY_SETTINGS } from "./groups";
import { PRESETS, presetValues } from "./presets";
import { isSameRaw, rawOf, readConfig, readRaw } from "./raw";
import { type Setting, settingsOf } from "./settings";

const settings = settingsOf(fixture.config_schema);
function named(name: string): Setting {
  const setting = settings.find((one) => one.name === name);
  if (!setting) throw new Error(name);
  return setting;
}

describe("the settings of a recipe", () => {
  it("are all drawn from its schema", () => {
    expect(settings.map(({ name }) => name)).toEqual(Object.keys(fixture.defaults));
    expect(named("alpha")).toMatchObject({ kind: "number", nullable: true, above: 0, maximum: 4096, title: { ja: "倍率 alpha" } });
    expect(named("schedule")).toMatchObject({ kind: "choice", choices: ["cosine", "linear", "constant"], fallback: "cosine" });
    expect(named("target_modules")).toMatchObject({ kind: "list", nullable: true, shortest: 1, longest: 128 });
  });

  it("call their choices by words, and formats by their names", () => {
    expect(named("schedule").choiceNames).toMatchObject({ cosine: { ja: "コサイン", en: "Cosine" } });
    expect(named("precision").choiceNames["bf16"]).toBeUndefined();
    expect(named("rank").choiceNames).toEqual({});
  });

  it("leave out what no form can show, and follow references", () => {
    const schema = {
      $defs: { Mode: { type: "string", enum: ["a", "b"] } },
      properties: { mode: { $ref: "#/$defs/Mode" }, nested: { type: "object" }, either: { anyOf: [{ type: "string" }, { type: "integer" }] } },
      required: ["mode"],
    };
    expect(settingsOf(schema)).toMatchObject([{ name: "mode", kind: "choice", required: true, choices: ["a", "b"] }]);
  });

  it("each stand in one group, the important ones among them", () => {
    const names = grouped(settings).flatMap(({ settings: members }) => members.map(({ name }) => name));
    expect(names.toSorted()).toEqual(settings.map(({ name }) => name).toSorted());
    expect(grouped(settings).some(({ group }) => group === "more")).toBe(false);
    expect(names).toEqual(expect.arrayContaining(KEY_SETTINGS));
  });

  it("are found in both languages", () => {
    expect(found(settings, "早期").map(({ name }) => name)).toEqual(["early_stopping_metric", "early_stopping_patience"]);
    expect(found(settings, "warm ratio").map(({ name }) => name)).toEqual(["warmup_ratio"]);
    expect(found(settings, "zzz")).toEqual([]);
  });
});

describe("what is typed", () => {
  it("is read as a person means it", () => {
    expect(readRaw(named("learning_rate"), " ２ｅ−４ ")).toEqual({ value: 2e-4 });
    expect(readRaw(named("max_length"), "1,024")).toEqual({ value: 1024 });
    expect(readRaw(named("max_length"), "")).toEqual({ value: null });
    expect(readRaw(named("target_modules"), "q_proj、v_proj, o_proj")).toEqual({ value: ["q_proj", "v_proj", "o_proj"] });
  });

  it.each([
    ["rank", "0", "range"],
    ["rank", "8.5", "integer"],
    ["rank", "", "required"],
    ["dropout", "1", "range"],
    ["learning_rate", "0", "range"],
    ["learning_rate", "fast", "number"],
    ["learning_rate", "0x10", "number"],
    ["schedule", "step", "choice"],
    ["target_modules", "q q", "repeated"],
  ])("%s = %j is refused: %s", (name, raw, code) => {
    expect(readRaw(named(name), raw)).toEqual({ fault: { code } });
  });

  it("comes back from what is written into the form", () => {
    const { config, faults } = readConfig(settings, Object.fromEntries(settings.map((one) => [one.name, rawOf(one.fallback)])));
    expect({ config, faults }).toEqual({ config: {}, faults: {} });
    expect(rawOf(2e-4)).toBe("2e-4");
    expect(rawOf(0.03)).toBe("0.03");
    expect(isSameRaw(named("learning_rate"), "0.0002", "2e-4")).toBe(true);
  });
});

describe("the presets", () => {
  const cases = PRESETS.flatMap((preset) => [null, 1, 5, 49].map((rows) => [preset, rows] as const));

  it.each(cases)("%s for %s rows keeps to the recipe's schema", (preset, rows) => {
    const values = presetValues("text_lora", preset, rows);
    expect(Object.keys(values).filter((name) => !(name in fixture.defaults))).toEqual([]);
    const raws = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, rawOf(value)]));
    const { config, faults } = readConfig(settings, raws);
    expect(faults).toEqual({});
    expect({ ...fixture.defaults, ...config }).toEqual({ ...fixture.defaults, ...values });
  });

  it("pass over few rows often enough, and over many as often as they say", () => {
    const passes = (rows: number | null) => presetValues("text_lora", "balanced", rows)["epochs"];
    expect([1, 3, 5, 10, 20, 49, 50, null].map(passes)).toEqual([24, 12, 8, 6, 3, 3, 3, 3]);
    expect(presetValues("text_lora", "balanced", 5)["learning_rate"]).toBe(2e-3);
    expect(presetValues("text_lora", "balanced", 50)["learning_rate"]).toBe(2e-4);
  });

  it("stop early only where rows are held out", () => {
    for (const [preset, rows] of cases) {
      const values = { ...fixture.defaults, ...presetValues("text_lora", preset, rows) };
      expect(values.early_stopping_patience === null || values.eval_split > 0).toBe(true);
    }
  });
});
