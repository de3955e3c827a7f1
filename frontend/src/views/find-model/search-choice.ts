import { parseAsString, parseAsStringLiteral } from "nuqs";

import type { HubSearch } from "@/entities/model/hub-search";

export const LANGUAGES = ["any", "ja", "en", "zh", "ko"] as const;
export const LICENCES = ["any", "apache-2.0", "mit", "llama3.1", "llama3.2", "gemma", "cc-by-4.0", "cc-by-nc-4.0"] as const;
/** In billions of weights. */
export const SIZES = ["any", "1", "4", "9", "15", "35"] as const;
export const ACCESSES = ["any", "no", "yes"] as const;
export const TASKS = ["text-generation", "any"] as const;
export const SORTS = ["downloads", "likes", "recent"] as const;

/** What a person looks for, as it stands in the address. */
export const SEARCH_ADDRESS = {
  q: parseAsString.withDefault(""),
  language: parseAsStringLiteral(LANGUAGES).withDefault("any"),
  licence: parseAsStringLiteral(LICENCES).withDefault("any"),
  size: parseAsStringLiteral(SIZES).withDefault("any"),
  access: parseAsStringLiteral(ACCESSES).withDefault("any"),
  task: parseAsStringLiteral(TASKS).withDefault("text-generation"),
  sort: parseAsStringLiteral(SORTS).withDefault("downloads"),
};

export interface SearchChoice {
  q: string;
  language: (typeof LANGUAGES)[number];
  licence: (typeof LICENCES)[number];
  size: (typeof SIZES)[number];
  access: (typeof ACCESSES)[number];
  task: (typeof TASKS)[number];
  sort: (typeof SORTS)[number];
}

const BILLION = 1_000_000_000;

/** The question to the hub; null while nothing is looked for: the hub is asked only when somebody wants it. */
export function searchOf({ q, language, licence, size, access, task, sort }: SearchChoice): HubSearch | null {
  const words = q.trim();
  if (words === "" && [language, licence, size, access].every((one) => one === "any")) return null;
  return {
    q: words,
    sort,
    ...(task === "any" ? { task: "" } : {}),
    ...(language === "any" ? {} : { language }),
    ...(licence === "any" ? {} : { licence }),
    ...(size === "any" ? {} : { max_parameters: Number(size) * BILLION }),
    ...(access === "any" ? {} : { gated: access === "yes" }),
  };
}
