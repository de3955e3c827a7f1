import { type ChangeEvent, useCallback, useEffect, useRef } from "react";

export interface Selection<Row> {
  ids: ReadonlySet<string>;
  labelOf: (row: Row) => string;
  onToggle: (id: string) => void;
  /** These are chosen too: from the row that was pressed last to the one that is pressed with Shift. */
  onRange?: (ids: readonly string[]) => void;
  onAll: (isAll: boolean) => void;
}

/** Chooses a row, or with Shift all rows from the one that was pressed before. Always the same function: rows hold it. */
export function useToggle<Row>(drawn: readonly Row[], rowId: (row: Row) => string, selection?: Selection<Row>) {
  const latest = useRef({ drawn, rowId, selection });
  const before = useRef<string | null>(null);
  useEffect(() => {
    latest.current = { drawn, rowId, selection };
  });
  return useCallback((id: string, isRange: boolean) => {
    const { drawn, rowId, selection } = latest.current;
    const ids = drawn.map(rowId);
    const [from, to] = [ids.indexOf(before.current ?? id), ids.indexOf(id)];
    before.current = id;
    if (isRange && from >= 0 && from !== to && selection?.onRange) selection.onRange(ids.slice(Math.min(from, to), Math.max(from, to) + 1));
    else selection?.onToggle(id);
  }, []);
}

export function isWithShift({ nativeEvent }: ChangeEvent): boolean {
  return nativeEvent instanceof MouseEvent && nativeEvent.shiftKey;
}
