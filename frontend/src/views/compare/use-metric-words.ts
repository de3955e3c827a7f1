import { useTranslations } from "next-intl";

const KNOWN = {
  "train/loss": "trainLoss",
  "eval/loss": "evalLoss",
  "train/perplexity": "trainPerplexity",
  "eval/perplexity": "evalPerplexity",
  "train/learning_rate": "learningRate",
  "train/grad_norm": "gradNorm",
  "train/tokens_per_s": "tokensPerS",
  "train/supervised_tokens": "supervisedTokens",
  "train/epoch": "epoch",
  "memory/bytes": "memory",
} as const;

/** What a metric is called; one of a later recipe keeps its own name. */
export function useMetricWords(): (name: string) => string {
  const t = useTranslations("compare.metrics");
  return (name) => (name in KNOWN ? t(KNOWN[name as keyof typeof KNOWN]) : name);
}
