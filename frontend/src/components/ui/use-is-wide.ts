import { type RefObject, useLayoutEffect, useRef, useState } from "react";

interface Wide {
  box: RefObject<HTMLDivElement | null>;
  table: RefObject<HTMLTableElement | null>;
  /** Null until somebody has looked: in a page as the server draws it. */
  isWide: boolean | null;
}

/**
 * Whether a table is wider than its place. Only then may the place scroll: within what scrolls sideways, a head cannot
 * stay in sight while the page scrolls down.
 */
export function useIsWide(): Wide {
  const box = useRef<HTMLDivElement>(null);
  const table = useRef<HTMLTableElement>(null);
  const [isWide, setWide] = useState<boolean | null>(null);
  useLayoutEffect(() => {
    const look = () => {
      if (box.current && table.current) setWide(table.current.offsetWidth > box.current.clientWidth);
    };
    look();
    const observer = new ResizeObserver(look);
    for (const { current } of [box, table]) if (current) observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return { box, table, isWide };
}
