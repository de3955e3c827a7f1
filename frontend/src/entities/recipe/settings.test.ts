import { describe, expect, it } from "vitest";

import { found, grouped, keySettings } from "./groups";
import { isSameRaw, rawOf, readConfig, readRaw } from "./raw";
import { TRAINING } from "./samples";
import { type Setting, settingsOf } from "./settings";

const settings = settingsOf(TRAINING.config_schema);
function named(name: string): Setting {
  const setting = settings.find((one) => one.name === name);
  if (!setting) throw new Error(name);
  return setting;
}

describe("the settings of a recipe", () => {
  it("are all drawn from its schema", () => {
    expect(settings.map(({ name }) => name)).toEqual(Object.keys(TRAINING.defaults));
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
      properties: {
        mode: { $ref: "#/$defs/Mode" },
        nested: { type: "object" },
        either: { anyOf: [{ type: "string" }, { type: "integer" }] },
        both: { anyOf: [{ type: "integer" }, { type: "number" }] },
      },
      required: ["mode"],
    };
    expect(settingsOf(schema)).toMatchObject([{ name: "mode", kind: "choice", required: true, choices: ["a", "b"] }]);
  });

  it("may be a number or a word instead", () => {
    const size = named("batch_size");
    expect(size).toMatchObject({ kind: "integer", minimum: 1, maximum: 4096, words: ["auto"], choiceNames: { auto: { ja: "自動", en: "Automatic" } } });
    expect(readRaw(size, "auto")).toEqual({ value: "auto" });
    expect(readRaw(size, "１６")).toEqual({ value: 16 });
    expect(readRaw(size, "0")).toEqual({ fault: { code: "range" } });
    expect(readRaw(size, "automatic")).toEqual({ fault: { code: "number" } });
    expect(named("rank").words).toEqual([]);
  });

  it("each stand in one group, the important ones among them", () => {
    const names = grouped(settings).flatMap(({ settings: members }) => members.map(({ name }) => name));
    expect(names.toSorted()).toEqual(settings.map(({ name }) => name).toSorted());
    expect(grouped(settings).some(({ group }) => group === "more")).toBe(false);
    expect(keySettings(settings).map(({ name }) => name)).toEqual(["rank", "learning_rate", "epochs", "max_length"]);
  });

  it("are in sight where a recipe marks none and has few, else in the fold", () => {
    const unmarked = settings.map((one) => ({ ...one, isKey: false }));
    expect(keySettings(unmarked.slice(0, 3))).toHaveLength(3);
    expect(keySettings(unmarked)).toEqual([]);
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
