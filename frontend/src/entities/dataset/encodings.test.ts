import { describe, expect, it } from "vitest";

import { ProblemError } from "@/lib/problem";

import { candidatesOf, ENCODING_UNKNOWN } from "./encodings";

describe("candidates for an encoding", () => {
  const errors = { "/encoding/cp1252": "si\u00e8ge", "/encoding/cp850": "si\u00e8ge", "/encoding/cp1250": "si\u010dge" };

  it("are those of the refusal, in its order, each reading once", () => {
    const problem = new ProblemError(ENCODING_UNKNOWN, { status: 422, detail: "?", errors });
    expect(candidatesOf(problem).map((one) => one.encoding)).toEqual(["cp1252", "cp1250"]);
  });

  it("are none for another problem", () => {
    expect(candidatesOf(new ProblemError("dataset_no_rows", { errors }))).toEqual([]);
  });
});
