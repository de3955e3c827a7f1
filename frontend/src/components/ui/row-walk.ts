import type { KeyboardEvent } from "react";

/** Of the link or button that a row is entered by. */
export const ROW_LINK = { "data-row-link": "" } as const;

interface Rows {
  ids: readonly string[];
  /** Brings a row into being that is outside of the window. */
  reveal?: (index: number) => void;
}

export interface RowWalk {
  /** The rows as they stand now. */
  set: (rows: Rows) => void;
  /** The focus goes to the row behind the one that has it, or had it last. */
  move: (by: 1 | -1) => void;
  /** The row that has the focus, or had it last; null when it has gone. */
  current: () => string | null;
  /** Arrows on a row's link. */
  onKeyDown: (event: KeyboardEvent) => void;
}

/** From row to row by moving the focus from link to link: Enter then follows it, as everywhere. */
export function makeRowWalk(): RowWalk {
  let rows: Rows = { ids: [] };
  let last: string | null = null;
  const here = () => focusedRow() ?? last ?? "";
  const move = (by: 1 | -1) => {
    const { ids, reveal } = rows;
    const from = ids.indexOf(here());
    const index = from < 0 ? (by > 0 ? 0 : ids.length - 1) : Math.min(ids.length - 1, Math.max(0, from + by));
    const id = ids[index];
    if (id === undefined) return;
    last = id;
    if (focusRow(id)) return;
    reveal?.(index);
    requestAnimationFrame(() => requestAnimationFrame(() => focusRow(id)));
  };
  return {
    set: (next) => {
      rows = next;
    },
    move,
    current: () => (rows.ids.includes(here()) ? here() : null),
    onKeyDown: (event) => {
      if (!(event.target instanceof HTMLElement) || !event.target.matches(LINK)) return;
      if (event.key === "ArrowDown") move(1);
      else if (event.key === "ArrowUp") move(-1);
      else return;
      event.preventDefault();
    },
  };
}

const LINK = "[data-row-link]";

function focusedRow(): string | null {
  return document.activeElement?.closest("[data-row]")?.getAttribute("data-row") ?? null;
}

function focusRow(id: string): boolean {
  const link = document.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"] ${LINK}`);
  link?.focus();
  link?.scrollIntoView({ block: "nearest" });
  return link !== null;
}
