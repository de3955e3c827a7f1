import { Fragment } from "react";

import { cn } from "@/lib/cn";

import type { Example } from "../example";
import { useFieldName } from "../use-field-name";
import { FieldValue } from "./field-value";
import type { ExampleProps } from "./registry";

/** The fields of a row, without what the list numbers it by. */
export function valuesOf(example: Example): [string, unknown][] {
  return Object.entries(example).filter(([name, value]) => name !== "row" && value !== null && value !== undefined);
}

/** A row of a kind that the pages know nothing of: each field by its name, pictures as pictures. */
export function PlainExample({ example, datasetId, clamp }: ExampleProps) {
  const nameOf = useFieldName();
  return (
    <dl className="grid gap-x-3 gap-y-1.5 sm:grid-cols-[5.5rem_minmax(0,1fr)]">
      {valuesOf(example).map(([name, value]) => (
        <Fragment key={name}>
          <dt className="text-xs leading-5 weak:text-ink-3">{nameOf(name)}</dt>
          <dd className={cn("min-w-0 whitespace-pre-wrap", clamp && "line-clamp-3")}>
            <FieldValue name={nameOf(name)} value={value} datasetId={datasetId} />
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}
