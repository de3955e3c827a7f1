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
