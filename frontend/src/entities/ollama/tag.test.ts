import { expect, it } from "vitest";

import { defaultTag } from "./tag";

it.each([
  ["FAQ – Café bot", "f16", "llmlora/faq-cafe-bot-…:f16"],
  ["有給休暇", "q4_K_M", "llmlora/job-…:q4_k_m"],
  [" ", "f16", "llmlora/…:f16"],
  ["  --x--  ", "f16", "llmlora/x-…:f16"],
  ["a".repeat(70), "f16", `llmlora/${"a".repeat(60)}-…:f16`],
])("%s at %s is %s", (name, quantisation, tag) => expect(defaultTag(name, quantisation)).toBe(tag));
