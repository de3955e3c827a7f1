import { PersonsName } from "@/components/ui/persons-name";
import type { Column } from "@/components/ui/table-columns";

import { RunStroke } from "./run-legend";
import type { ComparedRun } from "./use-compared";

/** A column a run, under its line and its name. */
export function runColumns<Row>(
  runs: readonly ComparedRun[],
  column: (run: ComparedRun, index: number) => Pick<Column<Row>, "value" | "cell">,
): Column<Row>[] {
  return runs.map((run, index) => {
    const name = run.job?.name ?? run.id;
    return {
      ...column(run, index),
      id: run.id,
      label: name,
      head: (
        <span className="inline-flex max-w-44 items-center gap-1.5 align-middle">
          <RunStroke place={run.place} />
          <span className="truncate text-ink">
            <PersonsName>{name}</PersonsName>
          </span>
        </span>
      ),
      numeric: true,
      headClassName: "min-w-28",
    };
  });
}

/** What a row is about, in front of all runs; it stays where one scrolls sideways. */
export const FIRST_COLUMN = { isRowHead: true, className: "text-ink-2", headClassName: "w-44 min-w-32" } as const;
