import { expect, it } from "vitest";

import { copyName } from "./copy-name";

it.each([
  ["faq", "faq (2)"],
  ["faq (2)", "faq (3)"],
  ["faq (9)", "faq (10)"],
  ["2026 (9999)", "2026 (10000)"],
  ["faq (final)", "faq (final) (2)"],
  ["faq(2)", "faq(2) (2)"],
  ["社内 FAQ（試行）", "社内 FAQ（試行） (2)"],
])("a copy of %j is called %j", (name, copy) => expect(copyName(name)).toBe(copy));

it("a long name leaves room for the number, and no character is cut in two", () => {
  const copy = copyName("🙂".repeat(200));
  expect([...copy]).toHaveLength(200);
  expect(copy.endsWith("🙂 (2)")).toBe(true);
});
