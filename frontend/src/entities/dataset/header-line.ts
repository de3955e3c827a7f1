const originals = new WeakMap<File, File>();

// What the first two columns of a table without a header nearly always are; more are only numbered.
const USUAL = ["instruction", "output"];

/** The file as it came, where a line of names was put before it here. */
export function withoutHeaderLine(file: File): File | undefined {
  return originals.get(file);
}

/** The same table with a line of names before it, so that its first line is an example. */
export async function withHeaderLine(file: File): Promise<File> {
  const text = await file.text();
  const line = /^[^\r\n]*/.exec(text)?.[0] ?? "";
  const delimiter = line.includes("\t") ? "\t" : ",";
  const names = cellsOf(line, delimiter).map((_, index) => USUAL[index] ?? `column_${index + 1}`);
  const made = new File([`${names.join(delimiter)}\n`, file], file.name, { type: file.type, lastModified: file.lastModified + 1 });
  originals.set(made, file);
  return made;
}

/** Cells of a line; a delimiter within quotes is none. */
function cellsOf(line: string, delimiter: string): string[] {
  const cells = [""];
  let isQuoted = false;
  for (const character of line) {
    if (character === '"') isQuoted = !isQuoted;
    if (character === delimiter && !isQuoted) cells.push("");
    else cells[cells.length - 1] += character;
  }
  return cells;
}
