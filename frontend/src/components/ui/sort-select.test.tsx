import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, expect, it, vi } from "vitest";

import { ja } from "../../../messages/ja";
import { SortSelect } from "./sort-select";
import type { Column, Sort } from "./table-columns";

afterEach(cleanup);

const COLUMNS: Column<{ name: string; rows: number }>[] = [
  { id: "name", label: "名前", value: ({ name }) => name, cell: ({ name }) => name },
  { id: "rows", label: "件数", numeric: true, value: ({ rows }) => rows, cell: ({ rows }) => rows },
  { id: "config.rank", label: "ランク", from: "chosen", numeric: true, value: () => 1, cell: () => 1 },
  { id: "menu", label: "操作", hideLabel: true, cell: () => null },
];

async function opened(sort: Sort | null) {
  const onSort = vi.fn();
  render(
    <NextIntlClientProvider locale="ja" messages={ja}>
      <SortSelect columns={COLUMNS} order={{ sort, onSort }} plain="新しい順" />
    </NextIntlClientProvider>,
  );
  fireEvent.click(screen.getByRole("combobox", { name: /並べ替え/ }));
  const options = await screen.findAllByRole("option");
  return { onSort, options };
}

it("offers every column that is sorted both ways, numbers the largest first, and says which order there is", async () => {
  const { options } = await opened(null);
  expect(options.map((one) => one.textContent)).toEqual(["新しい順", "名前（昇順）", "名前（降順）", "件数（降順）", "件数（昇順）"]);
  expect(options[0]?.getAttribute("aria-selected")).toBe("true");
});

it("has the column by which rows are sorted, though it has to be chosen in the table", async () => {
  const { options } = await opened({ id: "config.rank", isDescending: true });
  expect(options.find((one) => one.getAttribute("aria-selected") === "true")?.textContent).toBe("ランク（降順）");
});
