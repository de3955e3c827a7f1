import dynamic from "next/dynamic";
import type { ComponentType } from "react";

import type { Example } from "../example";
import { LabelledExample, labelsOf, textOf } from "./labelled-example";
import { PlainExample } from "./plain-example";
import { answerOf, furtherTurns, promptOf } from "./text-cells";
import { TableExample } from "./table-example";
import { TextExample } from "./text-example";

export interface ExampleProps {
  example: Example;
  /** The data set that holds it, once it is one: pictures are shown from there. */
  datasetId?: string;
  clamp?: boolean;
}

/** How the pages show the rows of a kind. */
export interface KindParts {
  /** A row as a person reads it. */
  Example: ComponentType<ExampleProps>;
  /** The two texts that tell a row from others, and what heads them; without, its first fields do. */
  cells: { heads: readonly ["instruction", "answer"] | readonly ["prompt", "completion"] | readonly ["text", "label"]; first: (example: Example) => string; second: (example: Example) => string } | null;
  /** What its summary tells of all rows; undefined where it has none. */
  Summary?: ComponentType<{ facts: Readonly<Record<string, unknown>> }>;
  /** How many turns it has beyond one question and one answer. */
  furtherTurns: (example: Example) => number;
}

const TEXT: KindParts = { Example: TextExample, cells: { heads: ["instruction", "answer"], first: promptOf, second: answerOf }, furtherTurns };
const COMPLETION: KindParts = { ...TEXT, cells: { heads: ["prompt", "completion"], first: promptOf, second: answerOf } };

const LABELLED: KindParts = {
  Example: LabelledExample,
  cells: { heads: ["text", "label"], first: textOf, second: (example) => labelsOf(example).join(", ") },
  Summary: dynamic(() => import("./class-balance").then((loaded) => loaded.ClassBalance)),
  furtherTurns: () => 0,
};

const TABLE: KindParts = {
  Example: TableExample,
  cells: null,
  Summary: dynamic(() => import("./table-summary").then((loaded) => loaded.TableSummary)),
  furtherTurns: () => 0,
};

/** Kinds that are more than the sum of their fields. This file alone knows them by name. */
const PARTS: Readonly<Record<string, KindParts>> = {
  "text.instruction": TEXT,
  "text.chat": TEXT,
  "text.preference": TEXT,
  "text.completion": COMPLETION,
  "text.classify": LABELLED,
  table: TABLE,
};

/** Of every other kind: its fields as they are. */
const PLAIN: KindParts = { Example: PlainExample, cells: null, furtherTurns: () => 0 };

export function partsOfKind(kind: string): KindParts {
  return PARTS[kind] ?? PLAIN;
}
