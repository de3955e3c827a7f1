import { expect, it } from "vitest";

import { sortsOf } from "./sort-choices";
import type { Column, Sort } from "./table-columns";

const COLUMNS: Column<{ name: string; rows: number }>[] = [
  { id: "name", label: "Name", value: ({ name }) => name, cell: ({ name }) => name },
  { id: "rows", label: "Rows", numeric: true, value: ({ rows }) => rows, cell: ({ rows }) => rows },
  { id: "config.rank", label: "Rank", from: "chosen", numeric: true, value: () => 1, cell: () => 1 },
  { id: "menu", label: "Actions", hideLabel: true, cell: () => null },
];
const drawn = (sort: Sort | null) => sortsOf(COLUMNS, sort).map(({ id, isDescending }) => (isDescending ? "-" : "") + id);

it("offers every column that is sorted both ways, of numbers the largest first", () => {
  expect(drawn(null)).toEqual(["name", "-name", "-rows", "rows"]);
});

it("has the column by which rows are sorted, though it has to be chosen in the table", () => {
  expect(drawn({ id: "config.rank", isDescending: true })).toContain("-config.rank");
});
