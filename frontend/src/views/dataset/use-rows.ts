import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";

import { datasetRowsOptions, datasetTokensOptions, useDatasetRows, useDatasetTokens } from "@/entities/dataset/queries";
import { findRows, type RowFilter } from "@/entities/dataset/row-search";
import type { TokenRange } from "@/entities/dataset/token-range";
import { isWithin, type Item, itemsOf } from "@/entities/dataset/token-view";

import { PAGE_ROWS } from "./reads";
import { type RowScan, useScan } from "./use-scan";

interface TokensOf {
  id: string;
  base: string | null;
  max: number;
}

/** One page of rows; their tokens join them when they are counted. */
export function usePageRows({ id, base, max }: TokensOf, page: number, countTokens: boolean) {
  const offset = (page - 1) * PAGE_ROWS;
  const rows = useDatasetRows(id, offset, PAGE_ROWS);
  const tokens = useDatasetTokens(id, countTokens ? base : null, { maxLength: max, offset, limit: PAGE_ROWS });
  const items = useMemo(
    () => (rows.data ? itemsOf(rows.data.data, rows.data.offset, tokens.data?.data) : []),
    [rows.data, tokens.data],
  );
  return { items, rows, tokens };
}

/** Rows whose length in tokens is within a range, fifty by fifty. */
export function useTokenScan({ id, base, max }: TokensOf, range: TokenRange | null, longest: number): RowScan {
  const client = useQueryClient();
  return useScan(
    ["datasets", "scan", id, { base, max, range, longest }],
    async (offset) => {
      const view = { maxLength: max, offset, limit: PAGE_ROWS };
      const [rows, tokens] = await Promise.all([
        client.fetchQuery(datasetRowsOptions(id, offset, PAGE_ROWS)),
        client.fetchQuery(datasetTokensOptions(id, base ?? "", view)),
      ]);
      const items = itemsOf(rows.data, offset, tokens.data);
      const found = range ? items.filter((item) => isWithin(item, range, longest)) : [];
      return { found, checked: rows.data.length, next: rows.next };
    },
    range !== null && base !== null,
  );
}

/** Rows that hold some words, are so long, or were found odd: the server looks, for a moment at a time. */
export function useRowSearch(id: string, filter: RowFilter | null): RowScan {
  return useScan(
    ["datasets", "search", id, filter],
    async (offset, signal) => {
      const { data, looked_at, next } = await findRows(id, filter ?? {}, offset, PAGE_ROWS, signal);
      return { found: data.map(({ at, example }) => ({ at: at + 1, example, texts: null })), checked: looked_at, next };
    },
    filter !== null,
  );
}

/** A row with its training texts; where they were not counted with the others, they are for this one alone. */
export function useItemTexts({ id, base, max }: TokensOf, item: Item | null, countTokens: boolean) {
  const isAlone = item !== null && item.texts === null;
  const view = { maxLength: max, offset: (item?.at ?? 1) - 1, limit: 1 };
  const tokens = useDatasetTokens(id, isAlone && countTokens ? base : null, view);
  const texts = tokens.data?.data;
  const whole = useMemo(
    () => (item && isAlone && texts?.some(({ row }) => row === item.example.row) ? { ...item, texts } : item),
    [item, isAlone, texts],
  );
  return { item: whole, tokens };
}
