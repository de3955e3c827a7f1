import type { Words } from "@/lib/api/generated/types.gen";

import type { Setting } from "./settings";

/** What a switch of the form is called. */
export interface SwitchWords {
  on: string;
  off: string;
}

/** A choice or a switch as the form calls it; null where the value has no words of its own. */
export function valueWords(
  setting: Pick<Setting, "choiceNames"> | null | undefined,
  value: unknown,
  locale: keyof Words,
  switches: SwitchWords,
): string | null {
  if (typeof value === "boolean") return value ? switches.on : switches.off;
  return typeof value === "string" ? (setting?.choiceNames[value]?.[locale] ?? null) : null;
}
