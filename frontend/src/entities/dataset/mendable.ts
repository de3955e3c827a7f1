import { asProblem } from "@/lib/problem";

import { ENCODING_UNKNOWN } from "./encodings";

export const COLUMN_MISSING = "dataset_missing_column";
const BY_MAPPING: readonly string[] = [COLUMN_MISSING, "dataset_mapping_invalid", "dataset_no_usable_row", "dataset_mixed_kinds"];
const BY_ENCODING: readonly string[] = [ENCODING_UNKNOWN, "dataset_encoding_unsupported"];

/** Whether a person can mend a refusal by saying which column is what. */
export function isMendedByMapping(error: unknown): boolean {
  return error !== null && error !== undefined && BY_MAPPING.includes(asProblem(error).code);
}

/** Whether a file was refused for good: read any other way, it is refused again. */
export function isRefusedForGood(error: unknown): boolean {
  if (error === null || error === undefined) return false;
  const { status, code } = asProblem(error);
  return status >= 400 && status < 500 && code.startsWith("dataset_") && !BY_MAPPING.includes(code) && !BY_ENCODING.includes(code);
}
