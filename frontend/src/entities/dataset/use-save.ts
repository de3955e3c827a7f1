import { useMutation, useQueryClient } from "@tanstack/react-query";

import { datasetKeys } from "./keys";
import { sentReading } from "./queries";
import { isPasted } from "./pasted-file";
import type { TusUpload } from "./tus";
import { useUploads } from "./use-uploads";
import { finishUpload } from "@/lib/api/generated/sdk.gen";

import { forgetPasteDraft } from "./paste-draft";

/** Make a data set of an upload that has arrived, as its draft says. The mutation is found again by its key. */
export function useSave(upload: TusUpload) {
  const client = useQueryClient();
  const settle = useUploads((store) => store.settle);
  return useMutation({
    mutationKey: ["datasets", "save"],
    mutationFn: async () => {
      const { uploadId } = upload.getState();
      const draft = useUploads.getState().drafts.get(upload);
      const { data } = await finishUpload({
        path: { upload_id: uploadId ?? "" },
        body: { ...sentReading(draft?.reading ?? {}), name: draft?.name.trim() || null },
      });
      return data;
    },
    onSuccess: async (added) => {
      await client.invalidateQueries({ queryKey: datasetKeys.lists });
      await settle(upload, added);
      if (isPasted(upload.file)) forgetPasteDraft();
    },
  });
}
