import type { JobOut } from "@/lib/api/generated/types.gen";

/** Which of two jobs a worker takes first: the more urgent, then the older. */
export function byTurn(one: JobOut, other: JobOut): number {
  return (
    other.priority - one.priority ||
    one.created_at.localeCompare(other.created_at) ||
    one.id.localeCompare(other.id)
  );
}
