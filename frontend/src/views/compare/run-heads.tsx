import { PersonsName } from "@/components/ui/persons-name";
import { Th } from "@/components/ui/table";

import { RunStroke } from "./run-legend";
import type { ComparedRun } from "./use-compared";

/** A column a run, under its line and its name. */
export function RunHeads({ runs, first }: { runs: readonly ComparedRun[]; first: string }) {
  return (
    <tr>
      <Th className="sticky left-0 w-44 min-w-32 bg-panel pl-3.5">{first}</Th>
      {runs.map(({ id, place, job }) => (
        <Th key={id} numeric className="min-w-28 last:pr-3.5">
          <span className="inline-flex max-w-44 items-center gap-1.5 align-middle">
            <RunStroke place={place} />
            <span className="truncate text-ink"><PersonsName>{job?.name ?? id}</PersonsName></span>
          </span>
        </Th>
      ))}
    </tr>
  );
}
