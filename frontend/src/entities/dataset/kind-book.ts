import type { KindOut, LayoutOut, Words } from "@/lib/api/generated/types.gen";

import type { Mapping } from "./fields";

/** What is to be known of kinds of data, by their names, as the API declares them. */
export class KindBook {
  readonly #byName: ReadonlyMap<string, KindOut>;

  constructor(readonly kinds: readonly KindOut[]) {
    this.#byName = new Map(kinds.map((kind) => [kind.name, kind]));
  }

  of(name: string): KindOut | undefined {
    return this.#byName.get(name);
  }

  /** Whether rows can be shown as the tokens of a model. */
  hasTokens(name: string): boolean {
    return this.of(name)?.has_tokens ?? false;
  }

  /** As a heading has it; a kind that nobody declares (any more) is called by its name. */
  title(name: string, locale: keyof Words): string {
    const words = this.of(name)?.title[locale];
    return words ? words.charAt(0).toUpperCase() + words.slice(1) : name;
  }

  /** In which of its ways a kind is written: the one that the chosen columns fit best, else the first. */
  layout(name: string, mapping: Mapping): LayoutOut | undefined {
    const layouts = this.of(name)?.layouts ?? [];
    const has = (field: string) => mapping[field] !== undefined;
    const fit = ({ required, optional }: LayoutOut) => {
      const found = required.filter(has).length;
      return 2 * found - required.length + optional.filter(has).length;
    };
    if (!layouts.some(({ required, optional }) => [...required, ...optional].some(has))) return layouts[0];
    return layouts.toSorted((one, other) => fit(other) - fit(one))[0];
  }
}

const NONE: readonly KindOut[] = [];
const books = new WeakMap<readonly KindOut[], KindBook>();

/** The same book for the same kinds. */
export function kindBookOf(kinds: readonly KindOut[] = NONE): KindBook {
  const known = books.get(kinds);
  if (known) return known;
  const book = new KindBook(kinds);
  books.set(kinds, book);
  return book;
}
