import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { parseAsString, useQueryState } from "nuqs";
import { useMemo } from "react";

import type { Selection } from "@/components/ui/table-selection";
import { type Doomed, useLeaving } from "@/components/ui/undo-delete";
import { useChosen } from "@/components/ui/use-chosen";

const BulkDelete = dynamic(() => import("@/entities/label/bulk-delete").then((module) => module.BulkDelete), { ssr: false });

interface Model {
  id: string | null;
  tags: readonly string[];
}

interface Ways<Row extends Model> {
  /** Always the same functions. */
  idOf: (row: Row) => string;
  nameOf: (row: Row) => string;
  doomed: (row: Row & { id: string }) => Doomed;
}

/** The rows that the chosen tag leaves, without those that are about to go; which are chosen, and what can be done with them. */
export function useModelRows<Row extends Model>(kind: "base_model" | "deployment", all: readonly Row[], { idOf, nameOf, doomed }: Ways<Row>) {
  const t = useTranslations("labels.remove");
  const [tag] = useQueryState("tag", parseAsString);
  const leaving = useLeaving(kind);
  const { chosen, toggle, add, choose } = useChosen();
  const rows = useMemo(() => all.filter((row) => !leaving.includes(row.id ?? "") && (!tag || row.tags.includes(tag))), [all, leaving, tag]);
  const selection = useMemo<Selection<Row>>(
    () => ({
      ids: chosen,
      labelOf: (row) => t("select", { name: nameOf(row) }),
      onToggle: toggle,
      onRange: add,
      onAll: (isAll) => choose(isAll ? rows.map(idOf) : []),
    }),
    [chosen, t, nameOf, toggle, add, choose, rows, idOf],
  );
  const things = rows.flatMap((row) => (row.id !== null && chosen.has(row.id) ? [doomed({ ...row, id: row.id })] : []));
  return { rows, selection, bar: things.length > 0 && <BulkDelete kind={kind} things={things} onChoose={choose} /> };
}
