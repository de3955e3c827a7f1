/** A row of a table as the API gives it. */
export function tableRowOf(example: Readonly<Record<string, unknown>>) {
  const { features, target, target_name: name } = example;
  const cells = typeof features === "object" && features !== null ? Object.entries(features) : [];
  return { target, targetName: typeof name === "string" ? name : "", cells };
}

export function cellText(cell: unknown): string {
  return cell === null || cell === undefined ? "–" : String(cell);
}

export interface TableColumn {
  name: string;
  type: string;
  missing: number;
  distinct: number;
  /** Why nothing is learned from it; undefined where it is. */
  reason?: string;
}

const REASONS = ["identifier", "equals_target", "determines_target", "constant", "date", "text", "empty"] as const;
const TYPES = ["number", "boolean", "category", "date", "text", "empty"] as const;
export type Reason = (typeof REASONS)[number];
export type ColumnType = (typeof TYPES)[number];

export function isReason(code: string | undefined): code is Reason {
  return REASONS.some((one) => one === code);
}

export function isColumnType(code: string): code is ColumnType {
  return TYPES.some((one) => one === code);
}

/** The columns of a summary, with what is against each. */
export function columnsIn({ columns, left_out: leftOut }: Readonly<Record<string, unknown>>): TableColumn[] {
  const reasons = new Map((Array.isArray(leftOut) ? leftOut : []).filter(isLeftOut).map(({ column, reason }) => [column, reason]));
  return (Array.isArray(columns) ? columns : []).filter(isColumn).map((one) => ({ ...one, reason: reasons.get(one.name) }));
}

function isLeftOut(one: unknown): one is { column: string; reason: string } {
  return typeof one === "object" && one !== null && "column" in one && typeof one.column === "string" && "reason" in one && typeof one.reason === "string";
}

function isColumn(one: unknown): one is TableColumn {
  return typeof one === "object" && one !== null && "name" in one && typeof one.name === "string" && "type" in one && typeof one.type === "string" && "missing" in one && typeof one.missing === "number" && "distinct" in one && typeof one.distinct === "number";
}
