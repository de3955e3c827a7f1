"use client";

import { ArrowDown, ArrowUp, Settings2 } from "lucide-react";
import { useTranslations } from "next-intl";
import type { CSSProperties, ReactNode, RefObject } from "react";

import { cn } from "@/lib/cn";
import { IconButton } from "./icon-button";
import type { MenuStart } from "./menu";
import { Th } from "./table";
import { type Column, FROM, type TableView } from "./table-columns";
import type { Loaded } from "./use-table-engine";

interface HeadProps<Row> {
  view: TableView<Row>;
  loaded: Loaded<Row> | null;
  head: RefObject<HTMLTableRowElement | null>;
  /** In front of all: the box that chooses every row. */
  before: ReactNode;
  /** Behind the last of them. */
  after: ReactNode;
  onSort: (id: string) => void;
}

/** A border would not go with what stays in sight; the corners are those of the card. */
export const HEAD = "border-b-0 bg-panel shadow-[inset_0_-1px_0_var(--line)] first:rounded-tl-lg last:rounded-tr-lg";

/** What stands over the columns. */
export function TableHead<Row>({ view, head, before, after, ...rest }: HeadProps<Row>) {
  return (
    <thead className="sticky top-11 z-20 in-data-wide:top-0">
      <tr ref={head}>
        {before}
        {view.columns.map((column, place) => (
          <HeadCell key={column.id} {...rest} column={column} view={view} head={head} isFirst={place === 0}>
            {place === view.columns.length - 1 && after}
          </HeadCell>
        ))}
      </tr>
    </thead>
  );
}

interface HeadCellProps<Row> extends Pick<HeadProps<Row>, "view" | "loaded" | "head" | "onSort"> {
  column: Column<Row>;
  isFirst: boolean;
  children: ReactNode;
}

function HeadCell<Row>({ column, view, loaded, head, onSort, isFirst, children }: HeadCellProps<Row>) {
  const { id, label, numeric, value, hideLabel } = column;
  const words = hideLabel ? <span className="sr-only">{label}</span> : (column.head ?? label);
  const order = view.sort?.id === id ? (view.sort.isDescending ? "descending" : "ascending") : "none";
  return (
    <Th
      numeric={numeric}
      data-column={id}
      aria-sort={value ? order : undefined}
      style={widthStyle(view.widths[id])}
      className={cn(
        `group/head relative ${HEAD} first:pl-3.5 last:pr-3.5`,
        isFirst && stickyClass(column),
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
            onKeyDown={(event) => loaded?.engine.pressOnHead(id, head.current, event)}
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
      {loaded && value && <loaded.Grip id={id} head={head} engine={loaded.engine} />}
    </Th>
  );
}

function SortMark({ order }: { order: "none" | "ascending" | "descending" }) {
  const Arrow = order === "descending" ? ArrowDown : ArrowUp;
  return <Arrow aria-hidden className={cn("size-3 shrink-0", order === "none" && "opacity-0 group-hover/head:opacity-50 in-focus-visible:opacity-50")} />;
}

/** The first column stays while one scrolls sideways; on a phone only one of short words, else there would be nothing but it. */
export function stickyClass<Row>({ isRowHead }: Column<Row>): string {
  return cn("left-0 z-1", isRowHead ? "in-data-wide:sticky" : "sm:in-data-wide:sticky");
}

/** Where a column stands aside for want of room. */
export function placeClass<Row>({ id, from }: Column<Row>, { chosen }: Pick<TableView<Row>, "chosen">): string | undefined {
  return from && chosen[id] === undefined ? FROM[from] : undefined;
}

export function widthStyle(px: number | null | undefined): CSSProperties | undefined {
  return px ? { width: px, maxWidth: px } : undefined;
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
