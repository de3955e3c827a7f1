import type { Mistake } from "@/lib/api/generated/types.gen";

interface MistakenExampleProps {
  /** Of the data: what shows such rows. */
  kind: string;
  example: Mistake["example"];
}

/** A row that was taken for something else: its words. What a kind has beside words is drawn by its own component. */
export function MistakenExample({ example }: MistakenExampleProps) {
  return <p className="[overflow-wrap:anywhere] whitespace-pre-wrap line-clamp-6">{wordsOf(example)}</p>;
}

/** The texts of a row, the longest first: a label says what another place says better. */
function wordsOf(example: Mistake["example"]): string {
  const texts = Object.values(example).filter((value): value is string => typeof value === "string");
  return texts.sort((one, other) => other.length - one.length)[0] ?? "";
}
