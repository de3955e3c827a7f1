"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { useTranslations } from "next-intl";
import { useMemo, useRef } from "react";

import { useFormat } from "@/lib/use-format";
import { pointRows } from "./csv";
import type { ChartSeries } from "./series";
import { PersonsName } from "@/components/ui/persons-name";

interface PointTableProps {
  series: readonly ChartSeries[];
  /** Changes when there are new points. */
  version: number;
  label: string;
  xLabel: string;
  height: number;
  format?: (value: number) => string;
}

const ROW_PX = 28;

/** Every point of a chart as text; only the rows in sight are in the page. */
export function PointTable({ series, version, label, xLabel, height, format }: PointTableProps) {
  const t = useTranslations("chart");
  const formats = useFormat();
  const show = format ?? ((value: number) => formats.metric(value, 4));
  // `version` stands for what the arrays of `series` hold.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const rows = useMemo(() => pointRows(series).reverse(), [series, version]);
  const box = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const columns = { gridTemplateColumns: `5rem repeat(${series.length}, minmax(5rem, 1fr))` };
  return (
    <div
      ref={box}
      tabIndex={0}
      role="table"
      aria-label={t("tableCaption", { label })}
      aria-rowcount={rows.length + 1}
      style={{ height }}
      className="relative overflow-auto rounded-sm -outline-offset-1"
    >
      <div role="rowgroup" className="sticky top-0 z-1 bg-panel">
        <div role="row" aria-rowindex={1} style={columns} className="grid border-b text-xs text-ink-3">
          <span role="columnheader" className="px-2 py-1.5">{xLabel}</span>
          {series.map((one) => (
            <span role="columnheader" key={one.name} className="truncate px-2 py-1.5 text-right"><PersonsName>{one.label}</PersonsName></span>
          ))}
        </div>
      </div>
      <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (!row) return null;
          const place = { ...columns, height: ROW_PX, transform: `translateY(${start}px)` };
          return (
            <div key={row.step} role="row" aria-rowindex={index + 2} style={place} className="absolute inset-x-0 grid items-center border-b">
              <span role="rowheader" className="px-2 text-ink-2">{formats.number(row.step)}</span>
              {row.values.map((value, column) => (
                <span role="cell" key={series[column]?.name ?? column} className="px-2 text-right">
                  {value === undefined ? "" : show(value)}
                </span>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
