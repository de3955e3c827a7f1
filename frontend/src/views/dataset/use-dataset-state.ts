import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";

export const SHOWN = ["template", "reading"] as const;

/** What is looked at, in the address: another person sees the same. */
export function useDatasetState() {
  const [state, set] = useQueryStates({
    /** The base model whose template and tokens are shown. */
    base: parseAsString,
    /** Longest row in tokens. */
    max: parseAsInteger,
    /** Place of the chosen row, from 1. */
    at: parseAsInteger.withDefault(1),
    /** Tokens of the bar that the rows are filtered by: `129-160`. */
    bin: parseAsString,
    show: parseAsStringLiteral(SHOWN).withDefault("template"),
  });
  return { ...state, at: Math.max(1, state.at), range: rangeOf(state.bin), set };
}

export type DatasetState = ReturnType<typeof useDatasetState>;

export interface TokenRange {
  first: number;
  last: number;
}

/** `129-160` as numbers; null for anything else. */
export function rangeOf(text: string | null): TokenRange | null {
  const found = /^(\d{1,7})-(\d{1,7})$/.exec(text ?? "");
  if (!found) return null;
  const [first, last] = [Number(found[1]), Number(found[2])];
  return first <= last ? { first, last } : null;
}
