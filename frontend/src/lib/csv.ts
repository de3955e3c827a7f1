/** Excel takes UTF-8 for what it is only with this mark. */
const MARK = "\uFEFF";
/** What a spreadsheet would reckon with instead of showing it: a name is never a formula. */
const FORMULA = /^[=+\-@\t\r]/;

type Cell = string | number | null | undefined;

/** RFC 4180. Numbers in full, so that nothing is lost. */
export function csvOf(lines: readonly (readonly Cell[])[]): string {
  return lines.map((cells) => cells.map(written).join(",") + "\r\n").join("");
}

export function withMark(csv: string): string {
  return MARK + csv;
}

function written(cell: Cell): string {
  if (typeof cell === "number") return Number.isNaN(cell) ? "NaN" : String(cell);
  const text = cell ?? "";
  const plain = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
