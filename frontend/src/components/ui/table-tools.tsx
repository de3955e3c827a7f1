"use client";

import { Menu as Base } from "@base-ui/react/menu";
import { Check, Download, RotateCcw } from "lucide-react";
import { useTranslations } from "next-intl";
import type { RefObject } from "react";

import { csvOf, withMark } from "@/lib/csv";
import { fileName, saveText } from "@/lib/download";
import type { MenuStart } from "./menu";
import { MenuItem, MenuLayer, MenuSeparator } from "./menu-layer";
import type { Column, Order, TableView } from "./table-columns";
import type { Engine } from "./table-engine";
import { isOptional, isShown } from "./table-shown";

interface TableToolsProps<Row> {
  anchor: HTMLElement;
  start: MenuStart;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  caption: string;
  columns: readonly Column<Row>[];
  view: TableView<Row>;
  engine: Engine<Row>;
  order?: Order;
}

/** Which columns there are, the table as a file, and the way back. */
export function TableTools<Row>({ anchor, start, open, onOpenChange, caption, columns, view, engine, order }: TableToolsProps<Row>) {
  const t = useTranslations("ui.table");
  const groups = groupsOf(columns.filter((column) => isOptional(column, columns)), t("columns"));
  const reset = () => {
    engine.reset();
    order?.onSort(null);
  };
  return (
    <MenuLayer anchor={anchor} open={open} onOpenChange={onOpenChange} start={start} align="end">
      {groups.map(([group, members]) => (
        <Base.Group key={group}>
          <Base.GroupLabel className="px-2 pt-1 pb-0.5 text-xs text-ink-3">{group}</Base.GroupLabel>
          {members.map((column) => (
            <Base.CheckboxItem
              key={column.id}
              className="layer-item"
              checked={isShown(column, view.chosen)}
              onCheckedChange={(isWanted) => engine.choose(column.id, isWanted)}
            >
              <span className="size-4 shrink-0 text-ink-3">
                <Base.CheckboxItemIndicator>
                  <Check aria-hidden className="size-4" />
                </Base.CheckboxItemIndicator>
              </span>
              {column.head ?? column.label}
            </Base.CheckboxItem>
          ))}
        </Base.Group>
      ))}
      <p className="max-w-56 px-2 pt-1 pb-1.5 text-2xs text-pretty text-ink-3">{t("widthHint")}</p>
      <MenuSeparator />
      <MenuItem icon={<Download aria-hidden />} onSelect={() => saveText(withMark(tableCsv(view)), `${fileName("llmlora", caption)}.csv`, "text/csv")}>
        {t("csv")}
      </MenuItem>
      <MenuItem icon={<RotateCcw aria-hidden />} disabled={engine.isPlain() && !order?.sort} onSelect={reset}>
        {t("reset")}
      </MenuItem>
    </MenuLayer>
  );
}

/** Columns under what they belong to, those of the table itself first. */
function groupsOf<Row>(columns: readonly Column<Row>[], own: string): [string, Column<Row>[]][] {
  const groups = new Map<string, Column<Row>[]>();
  for (const column of columns) {
    const group = column.group ?? own;
    groups.set(group, [...(groups.get(group) ?? []), column]);
  }
  return [...groups];
}

/** What the table shows: its rows in their order, the columns that this window has. */
export function tableCsv<Row>({ rows, columns, chosen }: TableView<Row>): string {
  const saved = columns.filter((column) => column.value && isShown(column, chosen));
  const head = saved.map(({ label, unit }) => (unit ? `${label} (${unit})` : label));
  return csvOf([head, ...rows.map((row) => saved.map(({ text, value }) => (text ? text(row) : value?.(row))))]);
}

interface ResizeGripProps<Row> {
  id: string;
  head: RefObject<HTMLTableRowElement | null>;
  engine: Engine<Row>;
}

/** The right edge of a head, for the pointer; the keyboard has Shift and arrows. */
export function ResizeGrip<Row>({ id, head, engine }: ResizeGripProps<Row>) {
  return (
    <span
      aria-hidden
      onMouseDown={(event) => {
        event.preventDefault();
        engine.startResize(id, head.current, event.nativeEvent);
      }}
      onTouchStart={(event) => engine.startResize(id, head.current, event.nativeEvent)}
      className="absolute inset-y-1 -right-1 z-1 w-2 cursor-col-resize touch-none border-r border-transparent group-hover/head:border-line hover:border-ai! active:border-ai!"
    />
  );
}
