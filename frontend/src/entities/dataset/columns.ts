const SAMPLE_BYTES = 64 * 1024;
const MAX_COLUMNS = 200;
const BROWSER_NAMES: Readonly<Record<string, string>> = {
  cp932: "shift_jis",
  cp949: "euc-kr",
  big5hkscs: "big5",
  cp866: "ibm866",
  mac_roman: "macintosh",
};

/**
 * The names of the columns of a file, by its first bytes; empty where they cannot be told (Parquet, a broken file).
 * The API tells them itself unless it cannot make sense of them: then a person can still say which column is what.
 */
export async function columnsOf(file: Blob, encoding?: string | null): Promise<string[]> {
  const bytes = new Uint8Array(await file.slice(0, SAMPLE_BYTES).arrayBuffer());
  const text = (encoding && decodedAs(bytes, encoding)) || decoded(bytes);
  const begin = text.trimStart();
  if (begin.startsWith("{") || begin.startsWith("[")) return keysOfFirstObject(begin);
  if (begin === "" || begin.startsWith("PAR1") || begin.includes("\0")) return [];
  return headerCells(begin);
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

function keysOfFirstObject(text: string): string[] {
  const start = text.indexOf("{");
  if (start < 0) return [];
  try {
    const row: unknown = JSON.parse(text.slice(start, endOfObject(text, start)));
    if (typeof row !== "object" || row === null) return [];
    return Object.keys(row).slice(0, MAX_COLUMNS);
  } catch {
    return [];
  }
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

function headerCells(text: string): string[] {
  const cells: string[] = [];
  const line = /^[^\r\n]*/.exec(text)?.[0] ?? "";
  const comma = line.includes("\t") && !line.includes(",") ? "\t" : ",";
  let [cell, quoted] = ["", false];
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] ?? "";
    if (quoted && letter === '"' && text[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (letter === '"') quoted = !quoted;
    else if (!quoted && letter === comma) {
      cells.push(cell);
      cell = "";
    } else if (!quoted && (letter === "\n" || letter === "\r")) break;
    else cell += letter;
  }
  return [...cells, cell].map((one) => one.trim()).filter(Boolean).slice(0, MAX_COLUMNS);
}
