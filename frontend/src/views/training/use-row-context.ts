import { useMemo } from "react";

import type { Chain } from "@/entities/job/chain";
import { useNow } from "@/entities/job/job-time";
import { useQueuePositions } from "@/entities/job/queue-position";
import { useDatasetNames, useRecipeTitles } from "@/entities/job/use-job-names";

import type { RowContext } from "./row-facts";

const MINUTE_MS = 60_000;

/** What rows need to know beside their job. */
export function useRowContext(chains: readonly Chain[]): RowContext {
  const nowMs = useNow(MINUTE_MS, true);
  const queue = useQueuePositions();
  const datasets = useDatasetNames(chains.map(({ job }) => job.inputs.dataset_id));
  const titleOf = useRecipeTitles();
  return useMemo(() => ({ nowMs, queue, datasets, titleOf }), [nowMs, queue, datasets, titleOf]);
}
