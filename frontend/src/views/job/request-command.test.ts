import { expect, test } from "vitest";

import { sampleJob } from "@/lib/live/samples";

import { curlOf } from "./request-command";

test("the command makes the same job again, also with quotes in its name", () => {
  const job = sampleJob({
    name: "it's ours",
    config: { rank: 4 },
    inputs: { dataset_id: "ds_1", base_model: "bundled:tiny", training_job_id: null },
  });
  const command = curlOf(job, "http://127.0.0.1:8000");
  const body = command.slice(command.indexOf("--data-raw '") + 12, -1).replaceAll(String.raw`'\''`, "'");
  expect(JSON.parse(body)).toEqual({
    recipe: "sample",
    name: "it's ours",
    dataset_id: "ds_1",
    base_model: "bundled:tiny",
    config: { rank: 4 },
    device: "auto",
  });
  expect(command.startsWith("curl -sS -X POST http://127.0.0.1:8000/api/training/jobs \\\n")).toBe(true);
});
