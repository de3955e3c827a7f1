import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";

import { apiFetch, apiUrl } from "@/lib/api/client";
import { asProblem } from "@/lib/problem";

import { datasetKeys } from "./keys";
import { forget, recallAll, type RememberedUpload } from "./tus-helpers";
import { useUploads } from "./use-uploads";

/** An upload of an earlier visit that can go on once the same file is chosen again. */
export interface UnfinishedUpload extends RememberedUpload {
  sentBytes: number;
}

const LOOK_EVERY_MS = 3000; // while the API may still be making a data set of one
const HEADERS = { "tus-resumable": "1.0.0" };

const options = queryOptions({
  queryKey: ["uploads", "unfinished"],
  queryFn: async ({ client }) => {
    const known = recallAll(globalThis.localStorage).filter((one) => !isOfThisVisit(one));
    const found = (await Promise.all(known.map(standOf))).filter((one) => one !== null);
    // One that the API no longer has may have become a data set: it was being saved when the page was left.
    const left = new Set(recallAll(globalThis.localStorage).map(({ uploadId }) => uploadId));
    const isGone = known.some(({ uploadId }) => !left.has(uploadId));
    if (isGone) void client.invalidateQueries({ queryKey: datasetKeys.lists });
    return found;
  },
  staleTime: 0,
  gcTime: 0,
  refetchInterval: ({ state: { data } }) => (data?.some(hasArrived) ? LOOK_EVERY_MS : false),
});

/** All its bytes are there, and nothing has become of them yet. */
export function hasArrived({ sentBytes, sizeBytes }: UnfinishedUpload): boolean {
  return sentBytes >= sizeBytes;
}

/** Uploads of earlier visits, by the memory of this browser and the API's offset. */
export function useUnfinishedUploads() {
  return useQuery(options);
}

/** On its way here, or over: the page knows how it stands, and the API no longer has one that was just saved. */
function isOfThisVisit({ uploadId }: RememberedUpload): boolean {
  const { uploads, over } = useUploads.getState();
  return over.includes(uploadId) || uploads.some((upload) => upload.getState().uploadId === uploadId);
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
