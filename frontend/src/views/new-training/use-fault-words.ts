import { useTranslations } from "next-intl";

import type { FieldFault } from "@/entities/recipe/raw";
import type { Setting } from "@/entities/recipe/settings";
import { useFormat } from "@/lib/use-format";

/** Bounds and faults of a setting in words. */
export function useFaultWords() {
  const t = useTranslations("newTraining.faults");
  const format = useFormat();
  const number = (value: number) => format.number(value, { maximumFractionDigits: 12 });

  const range = ({ minimum, maximum, above, below }: Setting): string | null => {
    const low = minimum === undefined ? (above === undefined ? null : t("above", { value: number(above) })) : t("from", { value: number(minimum) });
    const high = maximum === undefined ? (below === undefined ? null : t("below", { value: number(below) })) : t("to", { value: number(maximum) });
    return [low, high].filter(Boolean).join(t("and")) || null;
  };
  const words = (setting: Setting, { code }: FieldFault): string => {
    switch (code) {
      case "range":
        return t("range", { range: range(setting) ?? "" });
      case "length":
        return t(setting.kind === "list" ? "entries" : "characters", {
          from: setting.shortest ?? 0,
          to: setting.longest ?? 4096,
        });
      case "choice":
        return t("choice", { choices: setting.choices.join(", ") });
      default:
        return t(code);
    }
  };
  return { range, words };
}
