import { useQueryClient } from "@tanstack/react-query";

import { type Doomed, useUndoDelete } from "@/components/ui/undo-delete";
import { removeDataset } from "@/lib/api/generated/sdk.gen";

import { datasetKeys } from "./keys";

/** As `useLeaving` names them. */
export const DATASETS = "dataset";

/** Delete a data set in a moment: until then the notice in the corner can call it back. */
export function useDelayedDelete(): (dataset: Named) => void {
  const remove = useUndoDelete(DATASETS);
  const doomed = useDoomedDataset();
  return (dataset) => remove(doomed(dataset));
}

interface Named {
  id: string;
  name: string;
}

/** A data set that is to be deleted, and how. */
export function useDoomedDataset(): (dataset: Named) => Doomed {
  const client = useQueryClient();
  return ({ id, name }) => {
    const erase: Doomed["erase"] = async ({ keepalive }) => {
      try {
        await removeDataset({ path: { dataset_id: id }, keepalive });
        client.removeQueries({ queryKey: datasetKeys.detail(id) });
      } finally {
        await client.invalidateQueries({ queryKey: datasetKeys.lists });
      }
    };
    return { id, name, erase };
  };
}
