import { expect, test } from "vitest";

import { TRAINING } from "./samples";
import { settingsOf } from "./settings";
import { valueWords } from "./value-words";

const SWITCHES = { on: "On", off: "Off" };
const SETTINGS = settingsOf(TRAINING.config_schema);

test("every choice and switch of a recipe reads as on the form, never as the file's code", () => {
  const words = (name: string, value: unknown) =>
    valueWords(SETTINGS.find((one) => one.name === name), value, "en", SWITCHES);
  expect(words("loss_on", "auto")).toBe("Automatic");
  expect(words("schedule", "cosine")).toBe("Cosine");
  expect(words("early_stopping_metric", "eval_loss")).toBe("Evaluation loss");
  expect([words("dora", false), words("packing", true)]).toEqual(["Off", "On"]);
});

test("numbers, lists, formats and settings of another version keep what they are", () => {
  const precision = SETTINGS.find((one) => one.name === "precision");
  for (const value of [16, null, ["q_proj"], "bf16"]) expect(valueWords(precision, value, "ja", SWITCHES)).toBeNull();
  expect(valueWords(null, "gone", "ja", SWITCHES)).toBeNull();
});
