import type { Counts, SheetRows } from "@/lib/api/generated/types.gen";

export interface SourcePlace {
  /** The file within an archive. */
  file: string | null;
  /** The line in which a spreadsheet shows the row; null where the file is no table, or it is not known. */
  line: number | null;
}

/** Where a row stood in the file it came from. Row 3 of a table stands in its line 4: the first names the columns. */
export function sourcePlace({ files = [], sheet = null }: Counts, row: number): SourcePlace {
  const file = files.findLast(({ first_row }) => first_row <= row);
  if (file) return { file: file.name, line: lineOf(file.sheet, row - file.first_row + 1) };
  return { file: null, line: lineOf(sheet, row) };
}

function lineOf(sheet: SheetRows | null | undefined, row: number): number | null {
  return sheet ? sheet.header_row + row + sheet.blanks.filter((before) => before <= row).length : null;
}
