const LANGUAGES = ["ja", "en"] as const;

/** The perplexity of a fixed text before and after a training. */
export interface Forgotten {
  language: string;
  before: number;
  after: number;
  ratio: number;
}

/** What a job's reports say of forgetting, text by text; empty where it was not measured. */
export function forgettingOf(reports: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Forgotten[] {
  const texts = reports["forgetting"]?.["texts"];
  return Array.isArray(texts) ? texts.filter(isForgotten) : [];
}

export function isKnownLanguage(language: string): language is (typeof LANGUAGES)[number] {
  return LANGUAGES.some((one) => one === language);
}

function isForgotten(text: unknown): text is Forgotten {
  if (typeof text !== "object" || text === null) return false;
  const { language, before, after, ratio } = text as Record<string, unknown>;
  return typeof language === "string" && [before, after, ratio].every((one) => typeof one === "number");
}
