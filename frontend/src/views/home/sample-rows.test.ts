import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import { sampleIn } from "./sample-rows";

it.each([
  ["en", "level1_basic_en.json"],
  ["ja", "level1_basic.json"],
])("In %s, the sample is what the first course teaches in that language", (locale, file) => {
  const taught = JSON.parse(readFileSync(join(process.cwd(), "../tutorial/datasets", file), "utf-8")) as unknown;
  const sample = sampleIn(locale);
  expect(sample.rows).toEqual(taught);
  expect(sample.name).toContain(locale);
});
