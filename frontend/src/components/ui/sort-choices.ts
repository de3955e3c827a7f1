import { type Column, nextSort, type Sort } from "./table-columns";

/** Every order that can be asked for, both ways, first the way that a press on the column's head would ask for. */
export function sortsOf<Row>(columns: readonly Column<Row>[], sort: Sort | null): (Sort & { label: string })[] {
  const sorted = columns.filter(({ id, value, from }) => value && (from !== "chosen" || id === sort?.id));
  return sorted.flatMap((column) => {
    const first = nextSort(column, null);
    const other = nextSort(column, first);
    return [first, other].flatMap((one) => (one ? [{ ...one, label: column.label }] : []));
  });
}
