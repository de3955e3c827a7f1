import { describe, expect, it } from "vitest";

import { readReference } from "./reference";

describe("readReference", () => {
  it.each([
    ["hf:owner/name", "hf:owner/name"],
    [" hf:owner/name@v1.0 ", "hf:owner/name@v1.0"],
    ["owner/name", "hf:owner/name"],
    ["owner/name@main", "hf:owner/name@main"],
    ["https://huggingface.co/owner/name", "hf:owner/name"],
    ["https://huggingface.co/owner/name/tree/main", "hf:owner/name"],
    ["https://huggingface.co/owner/name/commit/0123abc", "hf:owner/name@0123abc"],
    ["path:/models/a b.gguf", "path:/models/a b.gguf"],
    ["/models/mine", "path:/models/mine"],
    ["~/models/mine", "path:~/models/mine"],
    ["ｈｆ：owner/name", "hf:owner/name"],
    ["ollama:smollm2:135m", "ollama:smollm2:135m"],
    ["ollama:me/faq:q4@0123456789ab", "ollama:me/faq:q4@0123456789ab"],
    ["bundled:smollm2-135m-instruct", "bundled:smollm2-135m-instruct"],
  ])("%s is %s", (text, reference) => expect(readReference(text)).toMatchObject({ kind: "reference", reference }));
  it.each([
    ["hf:", "hub"],
    ["hf:../../etc", "hub"],
    ["hf:a/b/c", "hub"],
    ["hf:a/b@..", "hub"],
    ["path:models", "path"],
    ["ollama:", "ollama"],
    ["ollama:registry.example/a/b", "ollama"],
    ["ollama:a:b@xyz", "ollama"],
    ["llama", "form"],
    ["gpt: 4", "form"],
  ])("%s is refused", (text, why) => expect(readReference(text)).toEqual({ kind: "wrong", why }));
  it("says nothing about nothing", () => expect(readReference("  ")).toEqual({ kind: "empty" }));
});
