/**
 * Sets of characters as one short text. A set is a row of runs; a run is the gap before it and, where it is longer than
 * one, "`" and how much. Numbers are written in `DIGITS`, the least part first: the first `LAST` of them end a number.
 */
const DIGITS = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).filter((one) => !'"\\`$'.includes(one)).join("");
const LAST = 60;
const MORE = DIGITS.length - LAST;
const BETWEEN = "$";
const LONGER = "`";

/** First and last character of a run. */
export type Run = readonly [first: number, last: number];

export function packed(sets: readonly (readonly Run[])[]): string {
  return sets.map((runs) => runs.map(([first, last], index) => written(first - (runs[index - 1]?.[1] ?? -1) - 1) + (last > first ? LONGER + written(last - first) : "")).join("")).join(BETWEEN);
}

export function unpacked(text: string): Run[][] {
  return text.split(BETWEEN).map((set) => {
    const runs: Run[] = [];
    let at = 0;
    let end = -1;
    const number = () => {
      let value = 0;
      let scale = 1;
      for (;;) {
        const digit = DIGITS.indexOf(set[at++] ?? " ");
        if (digit < LAST) return value + digit * scale;
        value += (digit - LAST) * scale;
        scale *= MORE;
      }
    };
    while (at < set.length) {
      const first = end + 1 + number();
      end = first;
      if (set[at] === LONGER) {
        at += 1;
        end += number();
      }
      runs.push([first, end]);
    }
    return runs;
  });
}

function written(number: number): string {
  let text = "";
  let left = number;
  for (; left >= LAST; left = Math.floor(left / MORE)) text += DIGITS[LAST + (left % MORE)];
  return text + DIGITS[left];
}
