/** What a registered model is made of. Digests are sha256; null: it was not told. */
export interface Seal {
  baseReference: string | null;
  baseWeights: string | null;
  baseGguf: string | null;
  tokenizer: string | null;
  template: string | null;
  adapter: string | null;
  gguf: string | null;
  trainingJobId: string | null;
  datasetId: string | null;
  dataset: string | null;
  config: string | null;
}

/** The seal of a tag. The API leaves its form open, so nothing of it is taken for granted. */
export function readSeal(seal: Readonly<Record<string, unknown>> | null | undefined): Seal | null {
  if (!seal) return null;
  const text = (name: string): string | null => {
    const value = seal[name];
    return typeof value === "string" && value !== "" ? value : null;
  };
  return {
    baseReference: text("base_reference"),
    baseWeights: text("base_weights_digest"),
    baseGguf: text("base_gguf_sha256"),
    tokenizer: text("tokenizer_hash"),
    template: text("template_hash"),
    adapter: text("adapter_sha256"),
    gguf: text("gguf_sha256"),
    trainingJobId: text("training_job_id"),
    datasetId: text("dataset_id"),
    dataset: text("dataset_sha256"),
    config: text("config_sha256"),
  };
}
