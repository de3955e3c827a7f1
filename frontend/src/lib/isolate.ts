/** Letters that are written from right to left, and characters that turn what follows them. */
const TURNING = /[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const ISOLATES = /[\u2066-\u2069]/g;
const [FIRST_STRONG_ISOLATE, END_OF_ISOLATE] = ["\u2068", "\u2069"];

/** A text that turns nothing around it: for where no element can stand, such as sentences, attributes and titles. */
export function isolated(text: string): string {
  return TURNING.test(text) ? FIRST_STRONG_ISOLATE + closed(text) + END_OF_ISOLATE : text;
}

/** A text that ends every isolation that it begins and none that it stands in, as a name may hold such an end on purpose. */
export function closed(text: string): string {
  let depth = 0;
  const kept = text.replaceAll(ISOLATES, (one) => {
    if (one === END_OF_ISOLATE && depth === 0) return "";
    depth += one === END_OF_ISOLATE ? -1 : 1;
    return one;
  });
  return kept + END_OF_ISOLATE.repeat(depth);
}
