"use client";

import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, type Ref, useImperativeHandle, useLayoutEffect, useRef, useState } from "react";

export interface RowsHandle {
  /** Draw the row at this place, and bring it into sight. */
  reveal: (index: number) => void;
}

interface VirtualRowsProps<Row> {
  kind: "table" | "list";
  rows: readonly Row[];
  rowId: (row: Row) => string;
  heightPx: number;
  /** How many there are in a row of a table. */
  cells?: number;
  draw: (row: Row) => ReactNode;
  handle?: Ref<RowsHandle>;
}

/** Of a long list only what is in sight, between two spaces as high as all that is not drawn. */
export function VirtualRows<Row>({ kind, rows, rowId, heightPx, cells, draw, handle }: VirtualRowsProps<Row>) {
  const top = useRef<HTMLElement>(null);
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => {
    const place = top.current?.getBoundingClientRect();
    if (place) setMargin(place.top + window.scrollY);
  }, []);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => heightPx,
    getItemKey: (index) => {
      const row = rows[index];
      return row ? rowId(row) : index;
    },
    overscan: 12,
    scrollMargin: margin,
  });
  useImperativeHandle(handle, () => ({ reveal: (index) => virtual.scrollToIndex(index, { align: "auto" }) }), [virtual]);
  const items = virtual.getVirtualItems();
  const before = (items[0]?.start ?? margin) - margin;
  const after = Math.max(0, virtual.getTotalSize() - ((items[items.length - 1]?.end ?? margin) - margin));
  const drawn = items.map(({ index }) => {
    const row = rows[index];
    return row ? draw(row) : null;
  });
  if (kind === "list") {
    return (
      <>
        <li ref={top as Ref<HTMLLIElement>} role="presentation" style={{ height: before }} />
        {drawn}
        <li role="presentation" style={{ height: after }} />
      </>
    );
  }
  return (
    <tbody ref={top as Ref<HTMLTableSectionElement>}>
      <Space height={before} cells={cells} />
      {drawn}
      <Space height={after} cells={cells} />
    </tbody>
  );
}

function Space({ height, cells }: { height: number; cells?: number }) {
  return (
    <tr aria-hidden style={{ height }}>
      <td colSpan={cells} className="p-0" />
    </tr>
  );
}
