import { useLocale, useTranslations } from "next-intl";

import { OLLAMA_FORMS } from "@/entities/ollama/forms";
import { useRecipeBook } from "@/entities/recipe/queries";

import { partsOf } from "./registry";

/** What is said of a target: its name, what is done to make a model available there, and in which forms. */
export function useWayWords() {
  const t = useTranslations("common.targets");
  const locale = useLocale();
  const book = useRecipeBook();
  const nameOf = (target: string) => book.target(target)?.title[locale] ?? target;
  const isNamed = (target: string) => book.target(target)?.has_tags ?? false;
  const chats = (target: string) => book.target(target)?.chats ?? true;
  return {
    nameOf,
    /** Whether a model there has a name of its own. */
    isNamed,
    /** `llama.cpp にデプロイ`, `Ollama に登録`. */
    wayOf: (target: string) => t(isNamed(target) ? "register" : "deploy", { target: nameOf(target) }),
    /** What is done, in a sentence. */
    whatOf: (target: string) => t(isNamed(target) ? "registerWhat" : chats(target) ? "deployWhat" : "predictWhat", { target: nameOf(target) }),
    /** A form; number formats are their own names. */
    formOf: (target: string, form: string) => {
      const known = partsOf(target).isSpread ? undefined : OLLAMA_FORMS.find((one) => one === form);
      return known ? t(`forms.${known}`) : form;
    },
  };
}
