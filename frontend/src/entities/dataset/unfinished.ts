import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";

import { apiFetch, apiUrl } from "@/lib/api/client";
import { asProblem } from "@/lib/problem";

import { forget, recallAll, type RememberedUpload } from "./tus-helpers";

/** An upload of an earlier visit that can go on once the same file is chosen again. */
export interface UnfinishedUpload extends RememberedUpload {
  sentBytes: number;
}

const HEADERS = { "tus-resumable": "1.0.0" };

const options = queryOptions({
  queryKey: ["uploads", "unfinished"],
  queryFn: async () => {
    const found = await Promise.all(recallAll(globalThis.localStorage).map(standOf));
    return found.filter((one) => one !== null);
  },
  staleTime: 0,
  gcTime: 0,
});

/** Uploads of earlier visits, by the memory of this browser and the API's offset. */
export function useUnfinishedUploads() {
  return useQuery(options);
}

/** Give one up. */
export function useDiscardUnfinished() {
  const client = useQueryClient();
  return async (upload: UnfinishedUpload) => {
    forget(globalThis.localStorage, upload.fingerprint);
    client.setQueryData(options.queryKey, (all) => all?.filter((one) => one.uploadId !== upload.uploadId));
    await apiFetch(addressOf(upload.uploadId), { method: "DELETE", headers: HEADERS }).catch(() => null);
  };
}

/** How far it has come; null, and forgotten, when the API no longer has it. */
async function standOf(upload: RememberedUpload): Promise<UnfinishedUpload | null> {
  try {
    const response = await apiFetch(addressOf(upload.uploadId), { method: "HEAD", headers: HEADERS });
    return { ...upload, sentBytes: Number(response.headers.get("upload-offset") ?? 0) };
  } catch (error) {
    if ([404, 410].includes(asProblem(error).status)) forget(globalThis.localStorage, upload.fingerprint);
    return null;
  }
}

function addressOf(uploadId: string): string {
  return `${apiUrl()}/api/datasets/uploads/${encodeURIComponent(uploadId)}`;
}
