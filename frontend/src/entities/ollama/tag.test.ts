import { describe, expect, it } from "vitest";

import type { DeploymentOut, JobDetail } from "@/lib/api/generated/types.gen";

import type { OllamaForm } from "./forms";
import { defaultTag, freeTag } from "./tag";

describe("The name of what nobody names", () => {
  it.each([
    ["FAQ – Café bot", "auto", "llmlora/faq-cafe-bot-…:f16"],
    ["有給休暇", "q4_K_M", "llmlora/job-…:q4_k_m"],
    [" ", "auto", "llmlora/…:f16"],
    ["  --x--  ", "adapter", "llmlora/x-…:adapter-f16"],
    ["x", "none", "llmlora/x-…:merged-f16"],
    ["a".repeat(70), "auto", `llmlora/${"a".repeat(60)}-…:f16`],
  ] as const)("of %s as %s is %s", (name, form, tag) => expect(defaultTag(name, form)).toBe(tag));

  it("tells every form apart", () => {
    const forms: OllamaForm[] = ["auto", "adapter", "none", "q8_0", "q4_K_M", "q4_K_S"];
    expect(new Set(forms.map((form) => defaultTag("faq", form))).size).toBe(forms.length);
  });
});

describe("The name that is free", () => {
  const training = { id: "job_019abcdef12345678", name: "FAQ" };
  const tag = "llmlora/faq-12345678:merged-f16";
  const working = (name: string, state: string) => ({ recipe: "deploy_ollama", state, config: { name } }) as unknown as JobDetail;
  const deployed = (name: string, state: string) => ({ name, state }) as DeploymentOut;

  it.each([
    ["where there is nothing", [], [], tag],
    ["beside another that is ready", [], [deployed(tag, "ready")], `${tag}-2`],
    ["beside one that was changed outside, and one on its way", [working(`${tag}-2`, "queued")], [deployed(tag, "gone")], `${tag}-3`],
    ["where the first was rejected", [working(tag, "failed")], [deployed(tag, "rejected")], tag],
  ] as const)("%s", (_, jobs, deployments, free) => expect(freeTag(training, "none", jobs, deployments)).toBe(free));
});
