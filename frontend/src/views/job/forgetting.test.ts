import { describe, expect, it } from "vitest";

import { forgettingOf } from "./forgetting";

const TEXT = { language: "ja", before: 12.5, after: 25, ratio: 2 };

const UNMEASURED: Record<string, Record<string, unknown>>[] = [{}, { forgetting: {} }, { forgetting: { texts: "none" } }, { forgetting: { texts: [null, { language: "ja" }] } }];

describe("forgettingOf", () => {
  it("reads every text of the report", () => {
    expect(forgettingOf({ forgetting: { texts: [TEXT, { ...TEXT, language: "en" }] } })).toEqual([TEXT, { ...TEXT, language: "en" }]);
  });

  it.each(UNMEASURED)("has nothing where it was not measured: %j", (reports) => {
    expect(forgettingOf(reports)).toEqual([]);
  });
});
