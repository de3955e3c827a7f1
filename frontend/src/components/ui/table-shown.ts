import type { Column, From } from "./table-columns";

/** The windows in which the columns of `FROM` are there. */
const ROOM: Record<From, string> = {
  chosen: "not all",
  sm: "(width >= 40rem)",
  md: "(width >= 48rem)",
  lg: "(width >= 64rem)",
  xl: "(width >= 80rem)",
  wide: "(width >= 1400px)",
};

/** A column that a person may do without: not the first, which names the rows, and none of buttons. */
export function isOptional<Row>(column: Column<Row>, columns: readonly Column<Row>[]): boolean {
  return column !== columns[0] && !column.hideLabel;
}

/** Whether a column is drawn at all: one that has to be chosen takes no place in the rows until it is. */
export function isDrawn<Row>({ id, from }: Column<Row>, chosen: Readonly<Record<string, boolean>>): boolean {
  return from !== "chosen" || chosen[id] === true;
}

/** Whether a column is there in this window. */
export function isShown<Row>(column: Column<Row>, chosen: Readonly<Record<string, boolean>>): boolean {
  return chosen[column.id] ?? (!column.from || window.matchMedia(ROOM[column.from]).matches);
}
