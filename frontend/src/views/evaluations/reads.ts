import { evaluationListOptions } from "@/entities/evaluation/queries";
import type { Reads } from "@/lib/api/reads";

export const evaluationsReads: Reads = (client) => [client.infiniteQuery(evaluationListOptions())];
