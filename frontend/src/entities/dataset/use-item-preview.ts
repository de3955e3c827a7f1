import { hasLines, useFirstLinesPreview } from "./previews";
import { type Reading, useUploadPreview } from "./queries";
import type { TusUpload, UploadState } from "./tus";
import type { DatasetPreview } from "@/lib/api/generated/types.gen";

const SMALL_BYTES = 4 << 20; // it has arrived before anyone could look at a part of it

export interface ItemPreviewState {
  data: DatasetPreview | undefined;
  error: unknown;
  isFetching: boolean;
  /** Only the first lines were looked at so far: the rest of the file is on its way. */
  isBeginning: boolean;
}

/** What a file would become: of its first lines while it is on its way, of the upload once it has arrived. */
export function useItemPreview(upload: TusUpload, state: UploadState, reading: Reading): ItemPreviewState {
  const received = state.phase === "received";
  const lines = !received && upload.file.size > SMALL_BYTES && hasLines(upload.file);
  const beginning = useFirstLinesPreview(upload.file, reading, lines);
  const whole = useUploadPreview(received ? state.uploadId : null, reading);
  if (received && (whole.data || whole.error)) {
    return { data: whole.error ? undefined : whole.data, error: whole.error, isFetching: whole.isFetching, isBeginning: false };
  }
  return { data: beginning.data, error: null, isFetching: received || beginning.isFetching, isBeginning: true };
}
