/** What the summary of labelled rows counts beside its classes, in the order in which it is shown. */
const COUNTS = ["contradiction_count", "repeats", "unlabelled", "single_example"] as const;

export interface ClassRows {
  name: string;
  rows: number;
}

/** The classes of a summary, the largest first. */
export function classesIn({ classes }: Readonly<Record<string, unknown>>): ClassRows[] {
  return Array.isArray(classes) ? classes.filter(isClassRows).toSorted((one, other) => other.rows - one.rows) : [];
}

/** What else was counted, without what there is none of. */
export function countsIn(facts: Readonly<Record<string, unknown>>): [(typeof COUNTS)[number], number][] {
  return COUNTS.flatMap((name): [(typeof COUNTS)[number], number][] => {
    const count = facts[name];
    return typeof count === "number" && count > 0 ? [[name, count]] : [];
  });
}

function isClassRows(one: unknown): one is ClassRows {
  return typeof one === "object" && one !== null && "name" in one && typeof one.name === "string" && "rows" in one && typeof one.rows === "number";
}
