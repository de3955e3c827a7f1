import type { Example } from "./example";
import type { TokenPiece, TokenRow } from "@/lib/api/generated/types.gen";

import type { TokenRange } from "./token-range";

/** A row with its place in the data set (from 1), and its training texts once they are known. */
export interface Item {
  at: number;
  example: Example;
  texts: readonly TokenRow[] | null;
}

/** The rows of a page with what is known of their tokens. */
export function itemsOf(examples: readonly Example[], offset: number, tokens: readonly TokenRow[] | undefined): Item[] {
  const byRow = new Map<number, TokenRow[]>();
  for (const text of tokens ?? []) byRow.set(text.row, [...(byRow.get(text.row) ?? []), text]);
  return examples.map((example, place) => ({
    at: offset + place + 1,
    example,
    texts: byRow.get(example.row) ?? null,
  }));
}

/** Whether a training text of the row has so many tokens; a text longer than `longest` counts as that long. */
export function isWithin(item: Item, { first, last }: TokenRange, longest: number): boolean {
  return (item.texts ?? []).some((text) => {
    const length = Math.min(text.tokens_before_truncation, longest);
    return length >= first && length <= last;
  });
}

export interface RowFacts {
  tokens: number;
  trained: number;
  truncated: boolean;
  /** Whether the model is taught where to stop. */
  ends: boolean;
  /** What the row holds and the template leaves out. */
  notRendered: readonly string[];
  dropped: string | null;
}

/** A row's texts taken together. */
export function factsOf(texts: readonly TokenRow[]): RowFacts {
  const sum = (pick: (text: TokenRow) => number) => texts.reduce((total, text) => total + pick(text), 0);
  return {
    tokens: sum((text) => text.tokens_before_truncation),
    trained: sum((text) => text.supervised_tokens),
    truncated: texts.some((text) => text.truncated),
    ends: texts.every((text) => text.ends_turn || text.dropped !== null),
    notRendered: [...new Set(texts.flatMap((text) => text.not_rendered))],
    dropped: texts.every((text) => text.dropped !== null) ? (texts[0]?.dropped ?? null) : null,
  };
}

export interface Segment {
  text: string;
  trained: boolean;
  /** A mark of the template, not something a person wrote. */
  mark: boolean;
  /** A line ends behind it. */
  ends: boolean;
}

const MARKS = /(<\|im_start\|>\w*|<\|[^|<>]{1,60}\|>|<\/?(?:s|bos|eos|pad|unk|start_of_turn|end_of_turn)>|\[\/?INST\]|\n)/;

/** The pieces cut where marks of the template begin and end, and at the ends of lines. */
export function segmentsOf(pieces: readonly TokenPiece[]): Segment[] {
  return pieces.flatMap(({ text, trained }) =>
    text
      .split(MARKS)
      .filter((part) => part !== "")
      .map((part) => {
        const ends = part === "\n";
        return { text: ends ? "↵" : part, trained, mark: ends || MARKS.test(part), ends };
      }),
  );
}
