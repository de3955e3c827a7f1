import { useTranslations } from "next-intl";
import type { KeyboardEvent } from "react";

import { Field } from "@/components/ui/field";
import { Kbd } from "@/components/ui/kbd";
import { Textarea } from "@/components/ui/textarea";

import type { InputProps, Item } from "./input-types";

/** Of one request, as the API bounds it. */
export const MOST_ITEMS = 64;

/** A text, or several with an empty line between them. */
export function TextInput({ draft, onDraft, onAsk }: InputProps) {
  const t = useTranslations("playground.text");
  const count = textsOf(draft).length;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    onAsk();
  };
  return (
    <Field
      label={t("label")}
      description={t("description", { most: MOST_ITEMS })}
      aside={count > 1 && t("count", { count })}
      error={count > MOST_ITEMS && t("tooMany", { most: MOST_ITEMS, count })}
    >
      <Textarea rows={6} value={draft} placeholder={t("placeholder")} onChange={(event) => onDraft(event.currentTarget.value)} onKeyDown={onKeyDown} className="text-base" />
      <span className="hidden text-xs text-ink-3 xl:inline">{t.rich("keys", { keys: () => <Kbd keys="mod+Enter" /> })}</span>
    </Field>
  );
}

/** Texts are parted by empty lines. */
export function textsOf(draft: string): Item[] {
  return draft
    .split(/\n[^\S\n]*\n/)
    .map((text) => text.trim())
    .filter((text) => text !== "")
    .map((text) => ({ type: "text", text }));
}
