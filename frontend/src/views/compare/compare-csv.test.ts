import { expect, it } from "vitest";

import { Curves } from "@/lib/live/curves";

import { compareCsv } from "./compare-csv";

it("writes every point of every run, with names that are safe to open", () => {
  const curves = new Curves();
  curves.reset({ head_seq: 1, series: { "train/loss": { steps: [1, 2], values: [0.5, 0.25], total: 2 } } });
  const csv = compareCsv([
    { id: "job_a", name: '=1+1,"x"', curves },
    { id: "job_b", name: "b", curves: undefined },
  ]);
  expect(csv).toBe(
    'run,name,metric,step,value\r\njob_a,"\'=1+1,""x""",train/loss,1,0.5\r\njob_a,"\'=1+1,""x""",train/loss,2,0.25\r\n',
  );
});
