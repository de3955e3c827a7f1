import type { KindBook } from "./kind-book";

/** One column that a kind has, or may have. */
export interface Field {
  name: string;
  required: boolean;
}

export type Mapping = Readonly<Record<string, string>>;

/** What the columns of a file can mean for a kind; a kind that can be written in several ways is told by its mapping. */
export function fieldsOf(book: KindBook, kind: string, mapping: Mapping): Field[] {
  const layout = book.layout(kind, mapping);
  const named = (names: readonly string[], required: boolean) => names.map((name) => ({ name, required }));
  return layout ? [...named(layout.required, true), ...named(layout.optional, false)] : [];
}

/** The mapping with a field on another column (null: none); a field that had this column takes the one that became free. */
export function remapped(mapping: Mapping, field: string, column: string | null): Record<string, string> {
  const { [field]: before, ...others } = mapping;
  if (column === null) return others;
  const next: Record<string, string> = { ...others, [field]: column };
  const loser = Object.keys(others).find((name) => others[name] === column);
  if (loser) {
    if (before) next[loser] = before;
    else delete next[loser];
  }
  return next;
}
