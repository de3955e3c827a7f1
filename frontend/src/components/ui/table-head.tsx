"use client";

import { ArrowDown, ArrowUp, Settings2 } from "lucide-react";
import { useTranslations } from "next-intl";
import type { CSSProperties, KeyboardEvent, ReactNode, RefObject } from "react";

import { cn } from "@/lib/cn";
import { IconButton } from "./icon-button";
import type { MenuStart } from "./menu";
import { Th } from "./table";
import { type Column, FROM, type TableView } from "./table-columns";
import type { Engine } from "./table-engine";

interface HeadProps<Row> {
  view: TableView<Row>;
  engine: Engine<Row> | null;
  head: RefObject<HTMLTableRowElement | null>;
  /** In front of all: the box that chooses every row. */
  before: ReactNode;
  /** Behind the last of them. */
  after: ReactNode;
  onSort: (id: string) => void;
}

const STEP_PX = 16;
/** A border would not go with what stays in sight; the corners are those of the card. */
export const HEAD = "border-b-0 bg-panel shadow-[inset_0_-1px_0_var(--line)] first:rounded-tl-lg last:rounded-tr-lg";

/** What stands over the columns. */
export function TableHead<Row>({ view, head, before, after, ...rest }: HeadProps<Row>) {
  return (
    <thead className="sticky top-11 z-20 in-data-wide:top-0">
      <tr ref={head}>
        {before}
        {view.columns.map((column, place) => (
          <HeadCell key={column.id} {...rest} column={column} view={view} isFirst={place === 0} widthsNow={() => widthsOf(head.current)}>
            {place === view.columns.length - 1 && after}
          </HeadCell>
        ))}
      </tr>
    </thead>
  );
}

interface HeadCellProps<Row> extends Pick<HeadProps<Row>, "view" | "engine" | "onSort"> {
  column: Column<Row>;
  isFirst: boolean;
  widthsNow: () => Record<string, number>;
  children: ReactNode;
}

function HeadCell<Row>({ column, view, engine, onSort, isFirst, widthsNow, children }: HeadCellProps<Row>) {
  const { id, label, numeric, value, hideLabel } = column;
  const words = hideLabel ? <span className="sr-only">{label}</span> : (column.head ?? label);
  const order = view.sort?.id === id ? (view.sort.isDescending ? "descending" : "ascending") : "none";
  const onKeyDown = ({ key, shiftKey, ctrlKey, metaKey, altKey }: KeyboardEvent) => {
    if (!shiftKey || ctrlKey || metaKey || altKey || (key !== "ArrowLeft" && key !== "ArrowRight")) return;
    engine?.widen(id, widthsNow(), key === "ArrowRight" ? STEP_PX : -STEP_PX);
  };
  return (
    <Th
      numeric={numeric}
      data-column={id}
      aria-sort={value ? order : undefined}
      style={widthStyle(view.widths[id])}
      className={cn(
        `group/head relative ${HEAD} first:pl-3.5 last:pr-3.5`,
        isFirst && "in-data-wide:sticky in-data-wide:left-0 in-data-wide:z-1",
        placeClass(column, view),
        column.headClassName,
      )}
    >
      <span className={cn("flex max-w-full items-center gap-1", (numeric || hideLabel) && "justify-end")}>
        {value ? (
          <button
            type="button"
            aria-keyshortcuts="Shift+ArrowLeft Shift+ArrowRight"
            onClick={() => onSort(id)}
            onKeyDown={onKeyDown}
            className={cn("flex min-w-0 items-center gap-0.5 rounded-sm hover:text-ink", numeric && "flex-row-reverse", order !== "none" && "text-ink")}
          >
            <span className="min-w-0 truncate">{words}</span>
            <SortMark order={order} />
          </button>
        ) : (
          words
        )}
        {children}
      </span>
      {engine && value && (
        <span
          aria-hidden
          onMouseDown={(event) => {
            event.preventDefault();
            engine.startResize(id, widthsNow(), event.nativeEvent);
          }}
          onTouchStart={(event) => engine.startResize(id, widthsNow(), event.nativeEvent)}
          className="absolute inset-y-1 -right-1 z-1 w-2 cursor-col-resize touch-none border-r border-transparent group-hover/head:border-line hover:border-ai! active:border-ai!"
        />
      )}
    </Th>
  );
}

function SortMark({ order }: { order: "none" | "ascending" | "descending" }) {
  const Arrow = order === "descending" ? ArrowDown : ArrowUp;
  return <Arrow aria-hidden className={cn("size-3 shrink-0", order === "none" && "opacity-0 group-hover/head:opacity-50 in-focus-visible:opacity-50")} />;
}

/** Where a column stands aside for want of room. */
export function placeClass<Row>({ id, from, className }: Column<Row>, { chosen }: Pick<TableView<Row>, "chosen">): string {
  return cn(from && chosen[id] === undefined && FROM[from].hidden, className);
}

export function widthStyle(px: number | null | undefined): CSSProperties | undefined {
  return px ? { width: px, maxWidth: px } : undefined;
}

/** Of all columns that are there, as they stand. */
function widthsOf(head: HTMLTableRowElement | null): Record<string, number> {
  const cells = [...(head?.cells ?? [])].filter(({ offsetWidth, dataset }) => offsetWidth > 0 && dataset.column);
  return Object.fromEntries(cells.map((cell) => [cell.dataset.column ?? "", cell.offsetWidth]));
}

interface ToolsButtonProps {
  caption: string;
  isOpen: boolean;
  onOpen: (anchor: HTMLElement, start: MenuStart) => void;
}

export function ToolsButton({ caption, isOpen, onOpen }: ToolsButtonProps) {
  const t = useTranslations("ui.table");
  return (
    <IconButton
      size="sm"
      label={t("tools", { name: caption })}
      aria-haspopup="menu"
      aria-expanded={isOpen}
      data-popup-open={isOpen ? "" : undefined}
      // A press of a key counts no clicks.
      onClick={(event) => onOpen(event.currentTarget, event.detail === 0 ? "first" : null)}
    >
      <Settings2 aria-hidden />
    </IconButton>
  );
}
