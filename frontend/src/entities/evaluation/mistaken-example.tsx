import { Fragment } from "react";

import { useFieldName } from "@/entities/dataset/use-field-name";
import type { Mistake } from "@/lib/api/generated/types.gen";

interface MistakenExampleProps {
  /** Of the data: what shows such rows. */
  kind: string;
  example: Mistake["example"];
}

const TEXT = "min-w-0 [overflow-wrap:anywhere] whitespace-pre-wrap line-clamp-6";

/** A row that was taken for something else: its words, each by its field where there are several. What a kind has beside words is drawn by its own component. */
export function MistakenExample({ example }: MistakenExampleProps) {
  const nameOf = useFieldName();
  const texts = textsOf(example);
  if (texts.length < 2) return <p className={TEXT}>{texts[0]?.[1]}</p>;
  return (
    <dl className="grid gap-x-3 gap-y-1 sm:grid-cols-[5.5rem_minmax(0,1fr)]">
      {texts.map(([name, text]) => (
        <Fragment key={name}>
          <dt className="text-xs leading-5 text-ink-3">{nameOf(name)}</dt>
          <dd className={TEXT}>{text}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

/** The texts of a row, in its own order, and the cells of an object of them; its labels stand beside it. */
export function textsOf(example: Mistake["example"]): [name: string, text: string][] {
  return Object.entries(example).flatMap(([name, value]): [string, string][] => {
    if (typeof value === "string") return value === "" ? [] : [[name, value]];
    return isCells(value) ? [[name, cellsText(value)]] : [];
  });
}

function isCells(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function cellsText(cells: Record<string, unknown>): string {
  return Object.entries(cells)
    .map(([name, cell]) => `${name}: ${cell === null ? "–" : String(cell)}`)
    .join(" · ");
}
