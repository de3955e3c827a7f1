"use client";

import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { type CSSProperties, memo, type ReactNode, useEffect, useMemo, useRef, useState } from "react";

import { cn } from "@/lib/cn";
import { Checkbox } from "./checkbox";
import type { MenuStart } from "./menu";
import { makeRowWalk, type RowWalk } from "./row-walk";
import { Td, Th, Tr } from "./table";
import { type Column, nextSort, type Order, plainView, SELECT_COLUMN, type TableView } from "./table-columns";
import { HEAD, placeClass, stickyClass, TableHead, ToolsButton, widthStyle } from "./table-head";
import { isWithShift, type Selection, useToggle } from "./table-selection";
import { useIsWide } from "./use-is-wide";
import { useTableEngine } from "./use-table-engine";
import type { RowsHandle } from "./virtual-rows";

const VirtualRows = dynamic(() => import("./virtual-rows").then((module) => module.VirtualRows), { ssr: false });

/** Beyond this only the rows in sight are drawn. */
export const MOST_DRAWN = 100;

interface DataTableProps<Row> {
  /** Under which a person's columns and widths are kept. */
  name: string;
  /** What the table holds: read before it, not shown. */
  caption: string;
  /** Made once: rows are drawn anew only when they, or these, change. */
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowId: (row: Row) => string;
  selection?: Selection<Row>;
  /** The keys of a page that has keys of its own. */
  walk?: RowWalk;
  /** In front of the rows: what has no columns yet. `cells`: how many a row has. */
  lead?: (cells: number) => ReactNode;
  /** There are more than these; the order is theirs alone, and says so. */
  isPartial?: boolean;
  /** The rows come in an order of their own: then the table orders nothing, and asks for another. */
  order?: Order;
  /** A hand, or the focus, has reached the table. Always the same function. */
  onReach?: () => void;
  rowHeightPx?: number;
  rowClassName?: (row: Row) => string | undefined;
  className?: string;
}

/** Rows that one can sort, in the columns that one wants; wider than its place, it scrolls sideways. */
export function DataTable<Row>({ empty, ...props }: DataTableProps<Row> & { empty?: ReactNode }) {
  if (props.rows.length === 0 && !props.lead) return empty;
  return <FilledTable {...props} />;
}

function FilledTable<Row>(props: DataTableProps<Row>) {
  const { name, caption, columns, rows, rowId, selection, lead, isPartial, order, onReach, rowHeightPx = 33, rowClassName, className } = props;
  const t = useTranslations("ui.table");
  const { loaded, reach } = useTableEngine<Row>(name);
  useEffect(() => {
    if (loaded) onReach?.();
  }, [loaded, onReach]);
  const { box, table, isWide } = useIsWide();
  const head = useRef<HTMLTableRowElement>(null);
  const handle = useRef<RowsHandle>(null);
  const [ownWalk] = useState(makeRowWalk);
  const walk = props.walk ?? ownWalk;
  const [tools, setTools] = useState<Opened | null>(null);
  const plain = useMemo(() => columns.filter(({ from }) => from !== "chosen"), [columns]);
  const made = loaded ? loaded.engine.view(rows, columns) : plainView(rows, plain);
  const view = order ? { ...made, rows, sort: order.sort } : made;
  const drawn = view.rows;
  useEffect(() => walk.set({ ids: drawn.map(rowId), reveal: (index) => handle.current?.reveal(index) }), [walk, drawn, rowId]);

  const sort = (id: string) => {
    const column = columns.find((one) => one.id === id);
    if (order) return column && order.onSort(nextSort(column, order.sort));
    if (loaded) return loaded.engine.toggleSort(id);
    void reach().then(({ engine }) => {
      engine.view(rows, columns); // the rows have not been drawn with it yet
      engine.toggleSort(id);
    }, ignore);
  };
  const toggle = useToggle(drawn, rowId, selection);
  const chosen = selection && rows.filter((row) => selection.ids.has(rowId(row))).length;
  const cells = view.columns.length + (selection ? 1 : 0);
  const draw = (row: Row) => {
    const id = rowId(row);
    return (
      <DataRow
        key={id}
        id={id}
        row={row}
        columns={view.columns}
        chosen={view.chosen}
        className={rowClassName?.(row)}
        isSelected={selection?.ids.has(id)}
        label={selection?.labelOf(row)}
        onToggle={selection && toggle}
      />
    );
  };
  return (
    // What only those who listen get is placed within it: else it would widen the page.
    <div
      ref={box}
      role="region"
      aria-label={caption}
      tabIndex={isWide === false ? undefined : 0}
      data-wide={isWide === false ? undefined : ""}
      className={cn("relative", isWide !== false && "overflow-x-auto")}
      onPointerEnter={() => void reach().catch(ignore)}
      onFocus={() => void reach().catch(ignore)}
    >
      <table
        ref={table}
        onKeyDown={walk.onKeyDown}
        style={view.widthPx ? widthStyle(view.widthPx) : roomFor(view.columns)}
        className={cn("w-full border-collapse text-left", view.widthPx && "table-fixed", className)}
      >
        <caption className="sr-only">{caption}</caption>
        <TableHead
          view={view}
          loaded={loaded}
          head={head}
          onSort={sort}
          before={
            selection && (
              <Th data-column={SELECT_COLUMN} style={widthStyle(view.widths[SELECT_COLUMN])} className={cn("w-9 pr-0 pl-3", HEAD)}>
                <Checkbox
                  label={t("selectAll")}
                  hideLabel
                  className="align-middle"
                  checked={chosen === rows.length}
                  indeterminate={chosen !== undefined && chosen > 0 && chosen < rows.length}
                  onChange={selection.onAll}
                />
              </Th>
            )
          }
          after={
            <ToolsButton
              caption={caption}
              isOpen={tools?.isOpen ?? false}
              onOpen={(anchor, start) => void reach().then(() => setTools({ anchor, start, isOpen: true }), ignore)}
            />
          }
        />
        {view.rows.length > MOST_DRAWN ? (
          <VirtualRows kind="table" rows={view.rows} rowId={rowId as (row: unknown) => string} heightPx={rowHeightPx} cells={cells} draw={draw as (row: unknown) => ReactNode} handle={handle} />
        ) : (
          <tbody>
            {lead?.(cells)}
            {view.rows.map(draw)}
          </tbody>
        )}
      </table>
      {isPartial && view.sort && <p className="sticky left-0 border-t px-3.5 py-1.5 text-xs text-ink-3">{t("partial", { count: rows.length })}</p>}
      {tools && loaded && (
        <loaded.Tools
          anchor={tools.anchor}
          start={tools.start}
          open={tools.isOpen}
          onOpenChange={(isOpen) => setTools({ ...tools, isOpen })}
          caption={caption}
          columns={columns}
          view={view}
          engine={loaded.engine}
          order={order}
        />
      )}
    </div>
  );
}

/** Columns that a person has added beside the others: those keep their room, and the table scrolls sideways. */
function roomFor<Row>(columns: readonly Column<Row>[]): CSSProperties | undefined {
  const added = columns.filter(({ from }) => from === "chosen").length;
  return added > 0 ? { minWidth: `calc(68rem + ${added * 8}rem)` } : undefined;
}

interface Opened {
  anchor: HTMLElement;
  start: MenuStart;
  isOpen: boolean;
}

/** What did not come for want of a connection comes with the next touch. */
function ignore(): void {}

interface DataRowProps<Row> extends Pick<TableView<Row>, "columns" | "chosen"> {
  id: string;
  row: Row;
  className?: string;
  isSelected?: boolean;
  label?: string;
  onToggle?: (id: string, isRange: boolean) => void;
}

const DataRow = memo(function DataRow<Row>({ id, row, columns, chosen, className, isSelected, label, onToggle }: DataRowProps<Row>) {
  return (
    <Tr data-row={id} aria-selected={isSelected} className={cn("group/row", className)}>
      {onToggle && (
        <Td className="pr-0 pl-3">
          <span className="relative z-10 flex">
            <Checkbox label={label} hideLabel checked={isSelected} onChange={(_, event) => onToggle(id, isWithShift(event))} />
          </span>
        </Td>
      )}
      {columns.map((column, place) => {
        const className = cn(
          "first:pl-3.5 last:pr-3.5",
          place === 0 && [stickyClass(column), "in-data-wide:bg-panel group-hover/row:in-data-wide:bg-hover group-aria-selected/row:in-data-wide:bg-ai-soft"],
          placeClass(column, { chosen }),
          column.className,
        );
        if (column.isRowHead) {
          return (
            <th key={column.id} scope="row" className={cn("h-8 px-2 text-left font-normal", className)}>
              {column.cell(row, isSelected)}
            </th>
          );
        }
        return (
          <Td key={column.id} numeric={column.numeric} className={className}>
            {column.cell(row, isSelected)}
          </Td>
        );
      })}
    </Tr>
  );
}) as <Row>(props: DataRowProps<Row>) => ReactNode;
