import type { LengthBin, Ledger } from "@/lib/api/generated/types.gen";

const STEP = 64;
/** A length that keeps nearly all rows whole is often much shorter than the longest row. */
const NEARLY_ALL = 0.98;

/** Lengths that cut fewer rows, the shorter first, with how many rows each would still cut. */
export interface Longer {
  maxLength: number;
  stillTruncated: number;
}

/** `bins`: how long the rows are uncut, where that is known. `limit`: the context of the model. */
export function longerLengths(ledger: Ledger, bins: readonly LengthBin[] | null, limit: number | null): Longer[] {
  if (ledger.rows_truncated === 0) return [];
  const whole = capped(Math.ceil(ledger.longest_before_truncation / STEP) * STEP, limit);
  const all: Longer = { maxLength: whole, stillTruncated: bins ? rowsBeyond(bins, whole) : 0 };
  const most = bins ? lengthForMost(bins) : null;
  const offers = most !== null && most < whole ? [{ maxLength: most, stillTruncated: rowsBeyond(bins ?? [], most) }, all] : [all];
  return offers.filter((offer) => offer.maxLength > ledger.max_length);
}

function capped(length: number, limit: number | null): number {
  return limit === null ? length : Math.min(length, limit);
}

function lengthForMost(bins: readonly LengthBin[]): number | null {
  const rows = bins.reduce((sum, bin) => sum + bin.rows, 0);
  let seen = 0;
  for (const bin of bins) {
    seen += bin.rows;
    if (rows > 0 && seen / rows >= NEARLY_ALL) return bin.last_tokens;
  }
  return null;
}

function rowsBeyond(bins: readonly LengthBin[], length: number): number {
  return bins.reduce((sum, bin) => (bin.first_tokens > length ? sum + bin.rows : sum), 0);
}
