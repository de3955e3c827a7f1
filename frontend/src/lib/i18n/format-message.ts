import format from "use-intl/format-message/format-only";

import { isolated } from "@/lib/isolate";

type Format = typeof format;
type Values = Parameters<Format>[2];

/**
 * What formats every message of the pages, on the server and in the browser (next.config.ts puts it there): words that
 * are filled in, such as names people gave, turn nothing of the sentence around them.
 */
function formatMessage(key: string, message: Parameters<Format>[1], values: Values, options: Parameters<Format>[3]): ReturnType<Format> {
  return format(key, message, values && withIsolatedWords(values), options);
}
formatMessage.raw = format.raw;

function withIsolatedWords(values: NonNullable<Values>): NonNullable<Values> {
  const entries = Object.entries(values).map(([name, value]) => [name, typeof value === "string" ? isolated(value) : value]);
  return Object.fromEntries(entries) as NonNullable<Values>;
}

export default formatMessage;
