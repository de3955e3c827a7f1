import { comparisonOptions, evaluationListOptions, evaluationOptions } from "@/entities/evaluation/queries";
import type { Reads } from "@/lib/api/reads";

/** How many of the newest evaluations are offered for comparison. */
export const OFFERED = 100;

export const evaluateReads = (id: string, other: string | null): Reads => (client) => [
  client.query(evaluationOptions(id)),
  client.infiniteQuery(evaluationListOptions({}, OFFERED)),
  ...(other ? [client.query(comparisonOptions(id, other))] : []),
];
