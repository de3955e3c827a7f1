import { describe, expect, test } from "vitest";

import { en } from "../../../messages/en";
import { ja } from "../../../messages/ja";
import { TRAINING } from "./samples";

describe("the catalogue of terms", () => {
  const settings = Object.keys(TRAINING.config_schema["properties"] ?? {});

  test.each([
    ["ja", ja],
    ["en", en],
  ])("explains every setting of a training in a sentence (%s)", (_, words) => {
    const explained: Record<string, string> = words.terms.settings;
    expect(settings.filter((name) => !/[。.]$/.test(explained[name] ?? ""))).toEqual([]);
  });

  test("explains no setting that there is not", () => {
    expect(Object.keys(ja.terms.settings).filter((name) => !settings.includes(name))).toEqual([]);
  });
});
