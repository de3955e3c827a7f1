"use client";

import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, type Ref, useImperativeHandle, useLayoutEffect, useRef, useState } from "react";

import type { Chain } from "@/entities/job/chain";

export interface RowsHandle {
  /** Draw the row at this place, and bring it into sight. */
  reveal: (index: number) => void;
}

interface VirtualRowsProps {
  kind: "table" | "list";
  chains: readonly Chain[];
  draw: (chain: Chain) => ReactNode;
  handle: Ref<RowsHandle>;
}

const HEIGHT_PX = { table: 49, list: 140 } as const;
const COLUMNS = 10;

/** Of a long list only what is in sight, between two spaces as high as all that is not drawn. */
export function VirtualRows({ kind, chains, draw, handle }: VirtualRowsProps) {
  const top = useRef<HTMLElement>(null);
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => {
    const place = top.current?.getBoundingClientRect();
    if (place) setMargin(place.top + window.scrollY);
  }, []);
  const rows = useWindowVirtualizer({
    count: chains.length,
    estimateSize: () => HEIGHT_PX[kind],
    getItemKey: (index) => chains[index]?.job.id ?? index,
    overscan: 12,
    scrollMargin: margin,
  });
  useImperativeHandle(handle, () => ({ reveal: (index) => rows.scrollToIndex(index, { align: "auto" }) }), [rows]);
  const items = rows.getVirtualItems();
  const before = (items[0]?.start ?? margin) - margin;
  const after = Math.max(0, rows.getTotalSize() - ((items[items.length - 1]?.end ?? margin) - margin));
  const drawn = items.map(({ index }) => {
    const chain = chains[index];
    return chain ? draw(chain) : null;
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
      <Space height={before} />
      {drawn}
      <Space height={after} />
    </tbody>
  );
}

function Space({ height }: { height: number }) {
  return (
    <tr aria-hidden style={{ height }}>
      <td colSpan={COLUMNS} className="p-0" />
    </tr>
  );
}
