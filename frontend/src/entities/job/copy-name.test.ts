import { expect, test } from "vitest";

import { copyName } from "./job-actions";

test("a copy has the next number, in neither language's words", () => {
  expect(copyName("社内 FAQ")).toBe("社内 FAQ (2)");
  expect(copyName("faq (2)")).toBe("faq (3)");
  expect(copyName("faq (final)")).toBe("faq (final) (2)");
  expect(copyName("2026 (9999)")).toBe("2026 (10000)");
  expect(copyName("x".repeat(200))).toHaveLength(200);
  expect(copyName(copyName("x".repeat(200)))).toMatch(/x \(3\)$/);
});
