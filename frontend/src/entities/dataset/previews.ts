import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { apiFetch, apiUrl } from "@/lib/api/client";
import type { DatasetPreview } from "@/lib/api/generated/types.gen";

import { sampleOf } from "./columns";
import { datasetKeys } from "./keys";
import type { Reading } from "./queries";

const PREFIX_BYTES = 512 * 1024;
const LINE_FEED = 0x0a;

/** Formats whose beginning, cut at a line, is a file of the same format. */
export function hasLines(file: File): boolean {
  return /\.(jsonl|ndjson|csv|tsv|txt)$/i.test(file.name);
}

/** The first lines of a file as a file, at most half a MiB. */
export async function firstLines(file: File): Promise<File> {
  const bytes = new Uint8Array(await file.slice(0, PREFIX_BYTES).arrayBuffer());
  const end = bytes.length < file.size ? bytes.lastIndexOf(LINE_FEED) + 1 : bytes.length;
  return new File([bytes.subarray(0, end)], file.name);
}

/** What the first lines of a file would become, while the rest of it is still on its way. */
export function useFirstLinesPreview(file: File, reading: Reading, enabled: boolean) {
  return useQuery({
    queryKey: datasetKeys.filePreview(`${file.name}|${file.size}|${file.lastModified}`, reading),
    queryFn: async ({ signal }): Promise<DatasetPreview> => {
      const body = new FormData();
      body.set("file", await firstLines(file));
      if (reading.kind) body.set("kind", reading.kind);
      if (reading.encoding) body.set("encoding", reading.encoding);
      if (reading.mapping) body.set("mapping", JSON.stringify(reading.mapping));
      const response = await apiFetch(`${apiUrl()}/api/datasets/preview`, { method: "POST", body, signal });
      return (await response.json()) as DatasetPreview;
    },
    enabled,
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
}

/** The columns and first rows of a file as this side reads them; asked for only where the API cannot tell. */
export function useFileSample(file: File, enabled: boolean, encoding: string | null = null) {
  return useQuery({
    queryKey: ["datasets", "sample", file.name, file.size, file.lastModified, encoding],
    queryFn: () => sampleOf(file, encoding),
    enabled,
    staleTime: Infinity,
  });
}
