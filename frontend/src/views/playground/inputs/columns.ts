import type { ColumnField, ColumnsItem, DeployedPredictor } from "@/lib/api/generated/types.gen";

export type Cell = ColumnsItem["columns"][string];
export type Row = Readonly<Record<string, Cell>>;

/** The rows of a draft: JSON of one row or of several; a draft of nothing is a usual row. What is no JSON of rows has none. */
export function rowsOf(draft: string, fields: readonly ColumnField[]): Row[] {
  if (draft.trim() === "") return [usualRow(fields)];
  try {
    const found: unknown = JSON.parse(draft);
    const rows: unknown[] = Array.isArray(found) ? found : [found];
    return rows.every(isRow) ? rows : [];
  } catch {
    return [];
  }
}

/** What the API is asked about; columns that this model does not read are left away: another one's draft may be there. */
export function columnsItems(draft: string, predictor: DeployedPredictor): ColumnsItem[] {
  const fields = predictor.columns ?? [];
  const known = new Set(fields.map(({ name }) => name));
  return rowsOf(draft, fields)
    .map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => known.has(name))))
    .filter((columns) => Object.keys(columns).length > 0)
    .map((columns) => ({ type: "columns", columns }));
}

/** A row with one cell as a person writes it. */
export function withCell(row: Row, { name, type }: ColumnField, text: string): string {
  return JSON.stringify({ ...row, [name]: cellOf(type, text) });
}

/** A number that is being written stays a text until it is one; the API reads it alike. */
function cellOf(type: ColumnField["type"], text: string): Cell {
  if (text.trim() === "") return null;
  if (type === "boolean") return text === "true";
  return type === "number" && String(Number(text)) === text ? Number(text) : text;
}

function usualRow(fields: readonly ColumnField[]): Row {
  return Object.fromEntries(fields.map(({ name, example }) => [name, example ?? null]));
}

function isRow(one: unknown): one is Row {
  return typeof one === "object" && one !== null && !Array.isArray(one) && Object.values(one).every((cell) => cell === null || ["string", "number", "boolean"].includes(typeof cell));
}
