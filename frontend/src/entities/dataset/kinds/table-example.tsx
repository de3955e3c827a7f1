import { Fragment } from "react";

import { PersonsName } from "@/components/ui/persons-name";
import { cn } from "@/lib/cn";

import type { Example } from "../example";
import type { ExampleProps } from "./registry";
import { cellText, tableRowOf } from "./table";

const MOST_CLAMPED = 6;

/** A row of a table: what is to be predicted, then its cells by their columns. */
export function TableExample({ example, clamp }: ExampleProps) {
  const { target, targetName, cells } = tableRowOf(example as Example & Record<string, unknown>);
  const shown = clamp ? cells.slice(0, MOST_CLAMPED) : cells;
  return (
    <dl className="grid gap-x-3 gap-y-1.5 sm:grid-cols-[8rem_minmax(0,1fr)]">
      <dt className="truncate text-xs leading-5 text-good"><PersonsName>{targetName}</PersonsName></dt>
      <dd className="min-w-0 font-medium">{cellText(target)}</dd>
      {shown.map(([name, cell]) => (
        <Fragment key={name}>
          <dt className="truncate text-xs leading-5 weak:text-ink-3"><PersonsName>{name}</PersonsName></dt>
          <dd className={cn("min-w-0 whitespace-pre-wrap", clamp && "line-clamp-2", cell === null && "text-ink-3")}>{cellText(cell)}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
