/** Where data sets lie in the query cache. */
export const datasetKeys = {
  lists: ["datasets", "list"] as const,
  list: (filters: object) => ["datasets", "list", filters] as const,
  kinds: ["datasets", "kinds"] as const,
  detail: (id: string) => ["datasets", "detail", id] as const,
  rows: (id: string, page: object) => ["datasets", "rows", id, page] as const,
  tokens: (id: string, view: object) => ["datasets", "tokens", id, view] as const,
  lengths: (id: string, view: object) => ["datasets", "lengths", id, view] as const,
  findings: (id: string) => ["datasets", "findings", id] as const,
  filePreview: (file: string, reading: object) => ["datasets", "file-preview", file, reading] as const,
  preview: (uploadId: string, reading: object) => ["datasets", "preview", uploadId, reading] as const,
};
