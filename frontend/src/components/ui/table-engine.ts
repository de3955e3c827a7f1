import {
  type ColumnDef,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  constructTable,
  createSortedRowModel,
  type Row as TableRow,
  rowSortingFeature,
  tableFeatures,
  type TableFeatures,
  type TableState,
  type Updater,
} from "@tanstack/react-table";

import type { KeyboardEvent } from "react";

import { type CellValue, type Column, SELECT_COLUMN, type TableView } from "./table-columns";
import { keep, readKept } from "./table-kept";
import { isDrawn, isOptional, isShown } from "./table-shown";

/*
 * TanStack's table without its hook: the page's first load draws a table as it is, and this comes when a hand or the focus
 * does. A hook that comes later would draw every row anew, under the hand.
 */

/** State is given with every drawing, so that atoms only pass it on. */
const bindings: NonNullable<TableFeatures["coreReactivityFeature"]> = {
  createOptionsStore: false,
  wrapExternalAtoms: false,
  addSubscription: () => undefined,
  batch: (work) => work(),
  untrack: (work) => work(),
  schedule: queueMicrotask,
  createReadonlyAtom: (read) => ({ get: read, subscribe: unheard }),
  createWritableAtom: <T>(first: T) => {
    let value = first;
    const set = (next: T | ((before: T) => T)) => {
      value = typeof next === "function" ? (next as (before: T) => T)(value) : next;
    };
    return { get: () => value, set, subscribe: unheard };
  },
};

function unheard() {
  return { unsubscribe: () => undefined };
}

const features = tableFeatures({
  coreReactivityFeature: bindings,
  rowSortingFeature,
  columnVisibilityFeature,
  columnSizingFeature,
  columnResizingFeature,
  sortedRowModel: createSortedRowModel(),
});

type Features = typeof features;
type State = TableState<Features>;

const LEAST_PX = 48;
const STEP_PX = 16;
const STEPS: Readonly<Record<string, number>> = { ArrowRight: STEP_PX, ArrowLeft: -STEP_PX };

/** The row of heads, as wide as they stand. */
type Head = HTMLTableRowElement | null;

export interface Engine<Row> {
  view: (rows: readonly Row[], columns: readonly Column<Row>[]) => TableView<Row>;
  toggleSort: (id: string) => void;
  choose: (id: string, isWanted: boolean) => void;
  startResize: (id: string, head: Head, event: MouseEvent | TouchEvent) => void;
  /** Shift and the arrows change the width. */
  pressOnHead: (id: string, head: Head, event: KeyboardEvent) => void;
  /** As it was before anything was chosen. */
  reset: () => void;
  isPlain: () => boolean;
  subscribe: (heard: () => void) => () => void;
  state: () => object;
}

/** What a person makes of the table with this name: the order of its rows, its columns and their widths. */
export function makeEngine<Row>(name: string, locale: string): Engine<Row> {
  const kept = readKept(name);
  const listeners = new Set<() => void>();
  let state = {
    sorting: kept.sort ? [{ id: kept.sort.id, desc: kept.sort.isDescending }] : [],
    columnVisibility: kept.chosen,
    columnSizing: kept.widths,
  } as State;
  const collator = new Intl.Collator(locale, { numeric: true });

  const set = <Key extends keyof State>(key: Key) => (updater: Updater<State[Key]>) => {
    const next = typeof updater === "function" ? (updater as (before: State[Key]) => State[Key])(state[key]) : updater;
    state = { ...state, [key]: next };
    table.setOptions((options) => ({ ...options, state }));
    const [sort] = state.sorting;
    keep(name, { chosen: state.columnVisibility, widths: state.columnSizing, sort: sort ? { id: sort.id, isDescending: sort.desc } : null });
    for (const heard of listeners) heard();
  };
  const change = { sizing: set("columnSizing"), visibility: set("columnVisibility"), sorting: set("sorting") };
  const table = constructTable<Features, Row & object>({
    features,
    data: [],
    columns: [],
    state,
    columnResizeMode: "onChange",
    onSortingChange: change.sorting,
    onColumnVisibilityChange: change.visibility,
    onColumnSizingChange: change.sizing,
    onColumnResizingChange: set("columnResizing"),
  });
  state = { ...table.store.state, ...state };

  let shown: readonly Column<Row>[] = [];
  let visible: readonly Column<Row>[] = [];
  let visibleBy: object | null = null;
  const view: Engine<Row>["view"] = (rows, columns) => {
    const isSame = columns === shown;
    const definitions = isSame ? table.options.columns : columns.map((column) => definitionOf(column, columns, collator));
    shown = columns;
    table.setOptions((options) => ({ ...options, data: rows as readonly (Row & object)[], columns: definitions, state }));
    const [sort] = state.sorting;
    const isSorted = sort !== undefined && columns.some(({ id, value }) => id === sort.id && value);
    // The same as long as it is: rows are drawn anew when it changes.
    if (!isSame || visibleBy !== state.columnVisibility) {
      visible = columns.filter((column) => isDrawn(column, state.columnVisibility) && (table.getColumn(column.id)?.getIsVisible() ?? true));
    }
    visibleBy = state.columnVisibility;
    const widths: Readonly<Record<string, number>> = state.columnSizing;
    return {
      rows: table.getRowModel().rows.map((row) => row.original),
      columns: visible,
      sort: isSorted ? { id: sort.id, isDescending: sort.desc } : null,
      chosen: state.columnVisibility,
      widths,
      widthPx: totalOf(widths, visible, state.columnVisibility),
    };
  };
  const column = (id: string) => table.getColumn(id);
  return {
    view,
    toggleSort: (id) => column(id)?.toggleSorting(),
    choose: (id, isWanted) => column(id)?.toggleVisibility(isWanted),
    startResize: (id, head, event) => {
      table.setColumnSizing(widthsOf(head));
      table.getLeafHeaders().find((one) => one.column.id === id)?.getResizeHandler(document)(event);
    },
    pressOnHead: (id, head, { key, shiftKey, ctrlKey, metaKey, altKey }) => {
      const step = STEPS[key];
      if (step === undefined || !shiftKey || ctrlKey || metaKey || altKey) return;
      const widths = widthsOf(head);
      table.setColumnSizing({ ...widths, [id]: Math.max(LEAST_PX, (widths[id] ?? 0) + step) });
    },
    reset: () => {
      table.setColumnSizing({});
      table.setColumnVisibility({});
      table.setSorting([]);
    },
    isPlain: () => state.sorting.length + Object.keys(state.columnVisibility).length + Object.keys(state.columnSizing).length === 0,
    subscribe: (heard) => {
      listeners.add(heard);
      return () => listeners.delete(heard);
    },
    state: () => state,
  };
}

/** Of all columns that are there, so that only one of them changes. */
function widthsOf(head: Head): Record<string, number> {
  const cells = [...(head?.cells ?? [])].filter(({ offsetWidth, dataset }) => offsetWidth > 0 && dataset.column);
  return Object.fromEntries(cells.map((cell) => [cell.dataset.column ?? "", cell.offsetWidth]));
}

function definitionOf<Row>(column: Column<Row>, columns: readonly Column<Row>[], collator: Intl.Collator): ColumnDef<Features, Row & object> {
  const { id, value, numeric } = column;
  const compare = (one: TableRow<Features, Row & object>, other: TableRow<Features, Row & object>) =>
    compareValues(one.getValue<CellValue>(id), other.getValue<CellValue>(id), collator);
  return {
    id,
    header: column.label,
    // Rows without a value stand last, whichever way the others go.
    ...(value && { accessorFn: (row: Row & object) => value(row) ?? undefined, sortUndefined: "last" as const, sortFn: compare }),
    sortDescFirst: numeric ?? false,
    enableHiding: isOptional(column, columns),
    minSize: LEAST_PX,
  } as ColumnDef<Features, Row & object>;
}

/** Numbers by size, and before words; words as the page's language orders them, with the numbers in them by size. */
export function compareValues(one: CellValue, other: CellValue, collator: Intl.Collator): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  if (typeof one === "number" || typeof other === "number") return typeof one === "number" ? -1 : 1;
  return collator.compare(one ?? "", other ?? "");
}

function totalOf<Row>(widths: Readonly<Record<string, number>>, columns: readonly Column<Row>[], chosen: Readonly<Record<string, boolean>>): number | null {
  if (Object.keys(widths).length === 0) return null;
  const there = columns.filter((column) => isShown(column, chosen));
  return there.reduce((sum, { id }) => sum + (widths[id] ?? FIRST_PX), widths[SELECT_COLUMN] ?? 0);
}

/** Of a column that came after the widths of the others were set. */
const FIRST_PX = 150;
