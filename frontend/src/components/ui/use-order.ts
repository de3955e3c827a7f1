import { parseAsString, useQueryState } from "nuqs";
import { useCallback, useMemo } from "react";

import type { Order, Sort } from "./table-columns";

/** The order of the list, kept in the address: as the API writes it, a column with `-` in front for the largest first. */
export function useOrder(): Order & { asked: string } {
  const [asked, setAsked] = useQueryState("sort", parseAsString.withDefault(""));
  const onSort = useCallback((sort: Sort | null) => void setAsked(sort && written(sort)), [setAsked]);
  return useMemo(() => ({ asked, sort: read(asked), onSort }), [asked, onSort]);
}

export function written({ id, isDescending }: Sort): string {
  return (isDescending ? "-" : "") + id;
}

export function read(asked: string): Sort | null {
  return asked ? { id: asked.replace(/^-/, ""), isDescending: asked.startsWith("-") } : null;
}
