import type { useTranslations } from "next-intl";

type Reasons = ReturnType<typeof useTranslations<"dataset.reasons">>;

/** Why a row was left out, in words; a code that is not known stays as it is. */
export function reasonText(t: Reasons, code: string): string {
  const key = code as Parameters<Reasons>[0];
  return t.has(key) ? t(key) : code;
}
