/** The ledger's counts, as a report or a forecast has them. */
export interface LedgerCounts {
  read: number;
  used: number;
  truncated: number;
  /** Of the truncated ones: those whose answer lost its end. */
  endCut: number;
  /** Rows with something that the template leaves out. */
  notRendered: { part: string; rows: number }[];
  dropped: number;
  reasons: { reason: string; rows: number }[];
  tokens: number | null;
  supervisedTokens: number | null;
  longest: number | null;
  maxLength: number | null;
}

/** The ledger out of a job's reports; null before the rows were read. */
export function ledgerOf(reports: Readonly<Record<string, Readonly<Record<string, unknown>>>>): LedgerCounts | null {
  const report = reports["ledger"];
  if (!report) return null;
  const count = (name: string) => numberOf(report[name]) ?? 0;
  const reasons = report["dropped_by_reason"];
  const notRendered = report["rows_not_rendered"];
  return {
    read: count("rows_read"),
    used: count("rows_kept"),
    truncated: count("rows_truncated"),
    endCut: count("rows_end_cut"),
    notRendered: isRecord(notRendered)
      ? Object.entries(notRendered).map(([part, rows]) => ({ part, rows: numberOf(rows) ?? 0 }))
      : [],
    dropped: count("rows_dropped"),
    reasons: isRecord(reasons)
      ? Object.entries(reasons).map(([reason, rows]) => ({ reason, rows: numberOf(rows) ?? 0 }))
      : [],
    tokens: numberOf(report["tokens"]),
    supervisedTokens: numberOf(report["supervised_tokens"]),
    longest: numberOf(report["longest_before_truncation"]) ?? numberOf(report["longest"]),
    maxLength: numberOf(report["max_length"]),
  };
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
