/** Endings of the files that can be added: rows, and a ZIP file of such files. */
export const ACCEPTED = ".json,.jsonl,.ndjson,.csv,.tsv,.txt,.parquet,.zip";
