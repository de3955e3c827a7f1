import { useTranslations } from "next-intl";

/** What a field of a row is called; one that the pages have no word for keeps its own name. */
export function useFieldName(): (field: string) => string {
  const t = useTranslations("datasets.fields");
  return (field) => {
    const key = field as Parameters<typeof t>[0];
    return t.has(key) ? t(key) : field.replaceAll("_", " ");
  };
}
