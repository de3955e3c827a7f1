/** The number that a tile shows; NaN where there is none, which no comparison claims anything of. */
export function numberShown(text: string | undefined): number {
  const digits = (text ?? "").replaceAll(",", "").trim();
  return digits === "" ? Number.NaN : Number(digits);
}

/** What a course says of a number: `< 0.05`, `> 3`. */
export function comparisonOf(words: string): (shown: number) => boolean {
  const [sign, limit] = words.split(" ");
  const said = numberShown(limit);
  if (Number.isNaN(said) || (sign !== "<" && sign !== ">")) throw new Error(`Nobody knows what “${words}” claims.`);
  return (shown) => (sign === "<" ? shown < said : shown > said);
}
