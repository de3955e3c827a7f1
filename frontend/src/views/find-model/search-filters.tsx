import { Search } from "lucide-react";
import { useTranslations } from "next-intl";

import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { licenceName } from "@/entities/model/licence";

import { ACCESSES, LANGUAGES, LICENCES, type SearchChoice, SIZES, SORTS, TASKS } from "./search-choice";

interface SearchFiltersProps {
  choice: SearchChoice;
  onChange: (next: Partial<SearchChoice>) => void;
}

/** What to look for, and in which order. */
export function SearchFilters({ choice, onChange }: SearchFiltersProps) {
  const t = useTranslations("find.hub");
  return (
    <div role="search" className="grid gap-2">
      <Input
        type="search"
        aria-label={t("label")}
        placeholder={t("placeholder")}
        maxLength={200}
        spellCheck={false}
        autoComplete="off"
        value={choice.q}
        onValueChange={(q) => onChange({ q })}
        before={<Search aria-hidden />}
      />
      <div role="group" aria-label={t("filters")} className="grid grid-cols-2 gap-2 md:grid-cols-3 lg:grid-cols-6">
        <Select label={t("language")} value={choice.language} onChange={(language) => onChange({ language })} options={LANGUAGES.map((value) => ({ value, label: t(`languages.${value}`) }))} />
        <Select label={t("size")} value={choice.size} onChange={(size) => onChange({ size })} options={SIZES.map((value) => ({ value, label: t(`sizes.${value}`) }))} />
        <Select
          label={t("licence")}
          value={choice.licence}
          onChange={(licence) => onChange({ licence })}
          options={LICENCES.map((value) => ({ value, label: value === "any" ? t("licences.any") : (licenceName(value) ?? value) }))}
        />
        <Select label={t("access")} value={choice.access} onChange={(access) => onChange({ access })} options={ACCESSES.map((value) => ({ value, label: t(`accesses.${value}`) }))} />
        <Select label={t("task")} value={choice.task} onChange={(task) => onChange({ task })} options={TASKS.map((value) => ({ value, label: t(`tasks.${value}`) }))} />
        <Select label={t("sort")} value={choice.sort} onChange={(sort) => onChange({ sort })} options={SORTS.map((value) => ({ value, label: t(`sorts.${value}`) }))} />
      </div>
    </div>
  );
}
