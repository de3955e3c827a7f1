import { useQueryClient } from "@tanstack/react-query";

import { useUndoDelete } from "@/components/ui/undo-delete";
import { removeDataset } from "@/lib/api/generated/sdk.gen";

import { datasetKeys } from "./keys";

/** As `useLeaving` names them. */
export const DATASETS = "dataset";

/** Delete a data set in a moment: until then the notice in the corner can call it back. */
export function useDelayedDelete(): (dataset: { id: string; name: string }) => void {
  const client = useQueryClient();
  const remove = useUndoDelete(DATASETS);
  return ({ id, name }) => {
    const erase = async () => {
      try {
        await removeDataset({ path: { dataset_id: id } });
        client.removeQueries({ queryKey: datasetKeys.detail(id) });
      } finally {
        await client.invalidateQueries({ queryKey: datasetKeys.lists });
      }
    };
    remove({ id, name, erase });
  };
}
