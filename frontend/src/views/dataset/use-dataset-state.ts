import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";

import { rangeOf } from "@/entities/dataset/token-range";

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
