import type { useTranslations } from "next-intl";

type Reasons = ReturnType<typeof useTranslations<"dataset.reasons">>;

/** Why a row was left out, in words; also where a later API gives a reason that is not known. */
export function reasonText(t: Reasons, code: string): string {
  const key = code as Parameters<Reasons>[0];
  return t(t.has(key) ? key : "other");
}
