import { useTranslations } from "next-intl";

import { roundedBits } from "@/entities/model/precision";

/** What rounding has taken from weights before anybody trains on them; nothing where they were not rounded. */
export function PrecisionNote({ quantisation }: { quantisation: string | null }) {
  const t = useTranslations("models.base");
  const bits = roundedBits(quantisation);
  if (bits === null) return null;
  return <p className="text-xs text-pretty text-ink-2">{t("rounded", { format: quantisation ?? "", bits })}</p>;
}
