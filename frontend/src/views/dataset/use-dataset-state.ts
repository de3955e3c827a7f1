import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";

import type { RowFilter } from "@/entities/dataset/row-search";
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
    /** Words that rows hold, and in which part of them. */
    q: parseAsString.withDefault(""),
    part: parseAsString,
    /** Code of a finding that names the rows. */
    problem: parseAsString,
    /** Lengths in characters. */
    shortest: parseAsInteger,
    longest: parseAsInteger,
    show: parseAsStringLiteral(SHOWN).withDefault("template"),
  });
  const range = rangeOf(state.bin);
  return { ...state, at: Math.max(1, state.at), range, filter: range ? {} : filterOf(state), set };
}

/** What shows all rows again. */
export const NO_FILTER = { q: null, part: null, problem: null, shortest: null, longest: null, bin: null };

interface Sought {
  q: string;
  part: string | null;
  problem: string | null;
  shortest: number | null;
  longest: number | null;
}

/** What the server is asked for; a part alone says nothing. */
function filterOf({ q, part, problem, shortest, longest }: Sought): RowFilter {
  const words = q.trim();
  return {
    ...(words && { q: words, ...(part && { part }) }),
    ...(problem && { problem }),
    ...(shortest !== null && { shortest }),
    ...(longest !== null && { longest }),
  };
}

export type DatasetState = ReturnType<typeof useDatasetState>;
