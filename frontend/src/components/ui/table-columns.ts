import type { ReactNode } from "react";

export type CellValue = string | number | null | undefined;

/** The narrowest window in which there is room for a column, unless a person has chosen it. */
export type From = keyof typeof FROM;

export interface Column<Row> {
  id: string;
  /** What stands over it. */
  label: string;
  /** Where its head is more than words. */
  head?: ReactNode;
  /** Only for those who listen: buttons need no head. Such a column is always there. */
  hideLabel?: boolean;
  /** Numbers stand at the right so that they line up. */
  numeric?: boolean;
  /** What it stands under where one chooses columns. */
  group?: string;
  from?: From;
  /** What it is sorted by, and what a CSV has of it; a column without is neither sorted nor saved. */
  value?: (row: Row) => CellValue;
  /** What a CSV has instead, where its value says little. */
  text?: (row: Row) => string;
  /** Of the numbers in a CSV. */
  unit?: string;
  cell: (row: Row, isSelected?: boolean) => ReactNode;
  /** Its cells name their rows. */
  isRowHead?: boolean;
  /** Of its cells. */
  className?: string;
  headClassName?: string;
}

/** As `ROOM` of table-shown.ts has them; `chosen`: in none, unless a person has chosen it. */
export const FROM = { chosen: "hidden", sm: "max-sm:hidden", md: "max-md:hidden", lg: "max-lg:hidden", xl: "max-xl:hidden", wide: "max-[1400px]:hidden" } as const;

/** The column of the boxes that choose rows; none of the view's own. */
export const SELECT_COLUMN = "select";

export interface Sort {
  id: string;
  isDescending: boolean;
}

/** An order that whoever brings the rows has put them in; `onSort` asks for another, with null for the one it began with. */
export interface Order {
  sort: Sort | null;
  onSort: (sort: Sort | null) => void;
}

/** What a press on a head asks for: of numbers the largest first, of words the first; then the other way; then no order. */
export function nextSort({ id, numeric = false }: Pick<Column<never>, "id" | "numeric">, sort: Sort | null): Sort | null {
  if (sort?.id !== id) return { id, isDescending: numeric };
  return sort.isDescending === numeric ? { id, isDescending: !numeric } : null;
}

/** A table as it is to be drawn. */
export interface TableView<Row> {
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  sort: Sort | null;
  /** Columns that a person has chosen, or chosen not to see. */
  chosen: Readonly<Record<string, boolean>>;
  /** In px, where a person has changed one of them. */
  widths: Readonly<Record<string, number>>;
  widthPx: number | null;
}

const NOTHING = {};

/** Nothing chosen, nothing sorted. `columns`: always the same ones for the same. */
export function plainView<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): TableView<Row> {
  return { rows, columns, sort: null, chosen: NOTHING, widths: NOTHING, widthPx: null };
}
