import { X } from "lucide-react";
import { useTranslations } from "next-intl";

import { PersonsName } from "@/components/ui/persons-name";

/** `TagFilter`: that a list shows only what has a tag, and the way back. */
export function TagFilterChip({ tag, onClear }: { tag: string; onClear: () => void }) {
  const t = useTranslations("labels.label");
  return (
    <button
      type="button"
      onClick={onClear}
      aria-label={t("clearFilter", { tag })}
      className="inline-flex h-7 max-w-60 items-center gap-1 rounded-full bg-ai-soft pr-1.5 pl-2.5 text-xs font-medium text-ai-strong"
    >
      <span className="truncate">
        <PersonsName>{t("filter", { tag })}</PersonsName>
      </span>
      <X className="size-3.5 shrink-0" aria-hidden />
    </button>
  );
}
