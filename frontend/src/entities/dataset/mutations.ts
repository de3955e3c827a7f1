import { useMutation, useQueryClient } from "@tanstack/react-query";

import { createDataset, finishUpload, removeDataset } from "@/lib/api/generated/sdk.gen";
import type { FinishUpload, NewDataset } from "@/lib/api/generated/types.gen";

import { datasetKeys } from "./keys";

/** A data set of rows that were typed or pasted. */
export function useCreateDataset() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (dataset: NewDataset) => (await createDataset({ body: dataset })).data,
    onSuccess: () => client.invalidateQueries({ queryKey: datasetKeys.lists }),
  });
}

/** Make a data set of an upload whose bytes have all arrived. */
export function useFinishUpload() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ uploadId, order = {} }: { uploadId: string; order?: FinishUpload }) =>
      (await finishUpload({ path: { upload_id: uploadId }, body: order })).data,
    onSuccess: () => client.invalidateQueries({ queryKey: datasetKeys.lists }),
  });
}

/** Delete a data set and its files. */
export function useDeleteDataset() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (id: string) => {
      await removeDataset({ path: { dataset_id: id } });
    },
    onSuccess: (_, id) => {
      client.removeQueries({ queryKey: datasetKeys.detail(id) });
      return client.invalidateQueries({ queryKey: datasetKeys.lists });
    },
  });
}

/** Where, on the API, the file of a data set can be downloaded as it was uploaded. */
export function datasetFilePath(id: string): string {
  return `/api/datasets/${encodeURIComponent(id)}/file`;
}
