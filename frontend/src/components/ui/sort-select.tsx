"use client";

import { useTranslations } from "next-intl";

import { Select } from "./select";
import { sortsOf } from "./sort-choices";
import type { Column, Order } from "./table-columns";
import { read, written } from "./use-order";

interface SortSelectProps<Row> {
  columns: readonly Column<Row>[];
  order: Order;
  /** What the order is called that the list begins with. */
  plain: string;
}

/** The order of a list whose rows are cards, and have no heads that one could press. */
export function SortSelect<Row>({ columns, order, plain }: SortSelectProps<Row>) {
  const t = useTranslations("ui.table");
  const options = sortsOf(columns, order.sort).map(({ label, ...sort }) => ({
    value: written(sort),
    label: t(sort.isDescending ? "descending" : "ascending", { column: label }),
  }));
  const value = order.sort ? written(order.sort) : "";
  return <Select label={t("sort")} value={value} options={[{ value: "", label: plain }, ...options]} onChange={(asked) => order.onSort(read(asked))} />;
}
