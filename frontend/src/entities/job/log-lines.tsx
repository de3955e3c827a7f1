"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";

import type { LogLine } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/use-format";

interface LogLinesProps {
  lines: readonly LogLine[];
  height: number;
  /** Keeps the whole height, since lines will come. */
  isLive: boolean;
  label: string;
  isFollowing: boolean;
  onFollowing: (isFollowing: boolean) => void;
  empty: string;
}

const LINE_PX = 20;
/** So close to the end counts as being there. */
const END_PX = 24;

const TONE = { debug: "text-ink-3", info: "text-ink-2", warning: "text-caution", error: "text-bad" } as const;

/** Only the lines in sight are in the page; long ones wrap. */
export function LogLines({ lines, height, isLive, label, isFollowing, onFollowing, empty }: LogLinesProps) {
  const { clock } = useFormat();
  const box = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_PX,
    getItemKey: (place) => lines[place]?.seq ?? place,
    overscan: 20,
  });
  const newest = lines[lines.length - 1]?.seq;
  useEffect(() => {
    if (isFollowing && lines.length > 0) virtual.scrollToIndex(lines.length - 1, { align: "end" });
  }, [isFollowing, newest, lines.length, virtual]);

  const first = lines[0]?.seq;
  const top = useRef(first);
  useEffect(() => {
    const before = top.current;
    top.current = first;
    // Older lines were put in front: what one reads stays where it is.
    if (before === undefined || first === undefined || first >= before || isFollowing) return;
    const place = lines.findIndex((line) => line.seq >= before);
    if (place > 0) virtual.scrollToIndex(place, { align: "start" });
  }, [first, isFollowing, lines, virtual]);

  const onScroll = () => {
    const { current } = box;
    if (!current) return;
    const isUp = current.scrollTop < lastTop.current - 1;
    lastTop.current = current.scrollTop;
    const isAtEnd = current.scrollHeight - current.scrollTop - current.clientHeight < END_PX;
    if (isUp && !isAtEnd && isFollowing) onFollowing(false);
    else if (isAtEnd && !isFollowing && !isUp) onFollowing(true);
  };
  if (lines.length === 0) {
    return (
      <div className="pt-1 text-ink-3" style={isLive ? { height } : undefined}>
        {empty}
      </div>
    );
  }
  const items = virtual.getVirtualItems();
  return (
    <div
      ref={box}
      role="log"
      aria-label={label}
      aria-live="off"
      tabIndex={0}
      onScroll={onScroll}
      style={isLive ? { height } : { maxHeight: height }}
      className="overflow-y-auto rounded-sm font-mono text-xs leading-5 -outline-offset-1"
    >
      <div style={{ height: virtual.getTotalSize() }}>
        {/* The lines follow one another: one that wraps covers no other, even before its height is known. */}
        <div style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}>
          {items.map((item) => {
            const line = lines[item.index];
            if (!line) return null;
            return (
              <div key={item.key} ref={virtual.measureElement} data-index={item.index} className={cn("flex gap-3 whitespace-pre-wrap", TONE[line.level])}>
                <time dateTime={line.at} className="shrink-0 text-ink-3">{clock(line.at)}</time>
                <span className="min-w-0">{line.message}</span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
