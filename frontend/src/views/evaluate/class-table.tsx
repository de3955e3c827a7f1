"use client";

import { useTranslations } from "next-intl";
import { useMemo } from "react";

import { Card } from "@/components/ui/card";
import { DataTable } from "@/components/ui/data-table";
import { PersonsName } from "@/components/ui/persons-name";
import type { Column } from "@/components/ui/table-columns";
import { intervalText } from "@/entities/evaluation/interval";
import type { ClassFigures } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

/** Precision, recall and F1 of each class. */
export function ClassTable({ classes }: { classes: readonly ClassFigures[] }) {
  const t = useTranslations("evaluate.classes");
  const format = useFormat();
  const columns = useMemo<Column<ClassFigures>[]>(
    () => [
      { id: "label", label: t("label"), isRowHead: true, value: ({ label }) => label, cell: ({ label }) => <PersonsName>{label}</PersonsName>, className: "pl-3.5 whitespace-nowrap", headClassName: "pl-3.5" },
      { id: "f1", label: t("f1"), numeric: true, value: ({ f1 }) => f1.value, cell: ({ f1 }) => <span className="font-semibold">{format.metric(f1.value)}</span> },
      { id: "interval", label: t("interval"), numeric: true, from: "sm", value: ({ f1 }) => f1.low, cell: ({ f1 }) => intervalText(f1, format) ?? t("none") },
      { id: "precision", label: t("precision"), numeric: true, value: ({ precision }) => precision, cell: ({ precision }) => format.metric(precision) },
      { id: "recall", label: t("recall"), numeric: true, value: ({ recall }) => recall, cell: ({ recall }) => format.metric(recall) },
      { id: "support", label: t("support"), numeric: true, value: ({ support }) => support, cell: ({ support }) => format.number(support), headClassName: "whitespace-normal" },
      { id: "predicted", label: t("predicted"), numeric: true, from: "sm", value: ({ predicted }) => predicted, cell: ({ predicted }) => format.number(predicted), className: "pr-3.5", headClassName: "pr-3.5 whitespace-normal" },
    ],
    [t, format],
  );
  return (
    <Card flush title={t("title")}>
      <DataTable name="evaluation-classes" caption={t("title")} columns={columns} rows={classes} rowId={({ label }) => label} />
    </Card>
  );
}
