import { expect, it } from "vitest";

import { ProblemError } from "@/lib/problem";

import { fieldWords } from "./pointers";

it("puts a taken name of Ollama's at the name, and a server that is away at where the model goes", () => {
  const taken = new ProblemError("ollama_tag_taken", { status: 409, detail: "Taken." });
  expect(fieldWords(taken)).toMatchObject({ tag: "Taken.", isComplete: true });
  const away = new ProblemError("ollama_unreachable", { status: 503, detail: "Away." });
  expect(fieldWords(away)).toMatchObject({ finish: "Away.", isComplete: true });
});

it("puts a field's own sentence at the field", () => {
  const problem = new ProblemError("invalid", { status: 422, errors: { "/deploy/tag": "No name.", "/config/rank": "Too small." } });
  expect(fieldWords(problem)).toEqual({ tag: "No name.", settings: { rank: "Too small." }, isComplete: true });
});
