const SAMPLE_BYTES = 64 * 1024;
const MAX_COLUMNS = 200;
const BROWSER_NAMES: Readonly<Record<string, string>> = {
  cp932: "shift_jis",
  cp949: "euc-kr",
  big5hkscs: "big5",
  cp866: "ibm866",
  mac_roman: "macintosh",
};

const SAMPLE_ROWS = 5;

/** The beginning of a table: the names of its columns, and its first rows as texts in their order. */
export interface FileSample {
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}

const NOTHING: FileSample = { columns: [], rows: [] };

/**
 * The columns and first rows of a file, by its first bytes; empty where they cannot be told (Parquet, a broken file).
 * The API tells them itself unless it cannot make sense of them: then a person can still say which column is what.
 */
export async function sampleOf(file: Blob, encoding?: string | null): Promise<FileSample> {
  const bytes = new Uint8Array(await file.slice(0, SAMPLE_BYTES).arrayBuffer());
  const text = (encoding && decodedAs(bytes, encoding)) || decoded(bytes);
  const begin = text.trimStart();
  if (begin.startsWith("{") || begin.startsWith("[")) return sampleOfObjects(begin);
  if (begin === "" || begin.startsWith("PAR1") || begin.includes("\0")) return NOTHING;
  return sampleOfTable(begin);
}

/** As a person says it is written; null where the browser does not know that encoding. */
function decodedAs(bytes: Uint8Array, encoding: string): string | null {
  const label = BROWSER_NAMES[encoding] ?? encoding.replace(/^cp(12\d\d|874)$/, "windows-$1").replaceAll("_", "-");
  try {
    return new TextDecoder(label).decode(bytes, { stream: true });
  } catch {
    return null;
  }
}

function decoded(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return new TextDecoder("shift_jis").decode(bytes);
  }
}

function sampleOfObjects(text: string): FileSample {
  const objects: Record<string, unknown>[] = [];
  for (let start = text.indexOf("{"); start >= 0 && objects.length < SAMPLE_ROWS; ) {
    const end = endOfObject(text, start);
    const row = parsedObject(text.slice(start, end));
    if (row === null) break;
    objects.push(row);
    start = text.indexOf("{", end);
  }
  const columns = Object.keys(objects[0] ?? {}).slice(0, MAX_COLUMNS);
  return { columns, rows: objects.map((row) => columns.map((name) => cellText(row[name]))) };
}

function parsedObject(text: string): Record<string, unknown> | null {
  try {
    const row: unknown = JSON.parse(text);
    return typeof row === "object" && row !== null ? (row as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function cellText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Behind the brace that closes the one at `start`. */
function endOfObject(text: string, start: number): number {
  let depth = 0;
  let quoted = false;
  for (let at = start; at < text.length; at += 1) {
    const letter = text[at];
    if (quoted) {
      if (letter === "\\") at += 1;
      else if (letter === '"') quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === "{") depth += 1;
    else if (letter === "}" && (depth -= 1) === 0) return at + 1;
  }
  return text.length;
}

function sampleOfTable(text: string): FileSample {
  const [head = [], ...rows] = tableRows(text, delimiterOf(text), SAMPLE_ROWS + 1);
  const places = head.flatMap((name, place) => (name.trim() ? [place] : [])).slice(0, MAX_COLUMNS);
  return {
    columns: places.map((place) => (head[place] ?? "").trim()),
    rows: rows.map((row) => places.map((place) => row[place] ?? "")),
  };
}

/** What the first line is parted by most often. */
function delimiterOf(text: string): string {
  const line = (/^[^\r\n]*/.exec(text)?.[0] ?? "").replace(/"[^"]*"/g, "");
  const counts = [",", "\t", ";", "|"].map((sign) => ({ sign, count: line.split(sign).length }));
  return counts.reduce((most, one) => (one.count > most.count ? one : most)).sign;
}

/** The first rows of a CSV, cells in quotes and blank lines seen to. */
function tableRows(text: string, delimiter: string, most: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let [cell, quoted] = ["", false];
  const endRow = () => {
    row.push(cell);
    if (row.some((one) => one.trim() !== "")) rows.push(row);
    [row, cell] = [[], ""];
  };
  for (let at = 0; at < text.length && rows.length < most; at += 1) {
    const letter = text[at] ?? "";
    if (quoted && letter === '"' && text[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (letter === '"' && (quoted || cell === "")) quoted = !quoted;
    else if (!quoted && letter === delimiter) {
      row.push(cell);
      cell = "";
    } else if (!quoted && (letter === "\n" || letter === "\r")) endRow();
    else cell += letter;
  }
  if (rows.length < most && (cell !== "" || row.length > 0)) endRow();
  return rows;
}
