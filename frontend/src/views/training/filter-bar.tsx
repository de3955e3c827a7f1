"use client";

import { Search } from "lucide-react";
import { useTranslations } from "next-intl";
import type { Ref } from "react";

import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Segmented } from "@/components/ui/segmented";
import { Select } from "@/components/ui/select";

import { TagFilter } from "@/entities/label/tag-filter";

import { type Choice, isFiltered, STATE_CHOICES } from "./filters";
import { useKinds } from "./use-kinds";

interface FilterBarProps {
  choice: Choice;
  onChange: (next: Partial<Choice>) => void;
  onClear: () => void;
  search: Ref<HTMLInputElement>;
}

export function FilterBar({ choice, onChange, onClear, search }: FilterBarProps) {
  const t = useTranslations("training.filters");
  const kinds = useKinds();
  return (
    <div role="search" className="mb-3 flex flex-wrap items-center gap-2">
      <div className="w-full sm:w-60">
        <Input
          ref={search}
          type="search"
          aria-label={t("search")}
          placeholder={t("search")}
          maxLength={200}
          value={choice.q}
          onValueChange={(q) => onChange({ q })}
          before={<Search aria-hidden />}
        />
      </div>
      <div className="w-44 grow sm:grow-0">
        <Select label={t("kind")} options={kinds} value={choice.kind} onChange={(kind) => onChange({ kind })} />
      </div>
      <Segmented
        label={t("state")}
        className="min-h-8"
        value={choice.state}
        onChange={(state) => onChange({ state })}
        options={STATE_CHOICES.map((value) => ({ value, label: t(`states.${value}`) }))}
      />
      {choice.tag && <TagFilter tag={choice.tag} onClear={() => onChange({ tag: "" })} />}
      {isFiltered(choice) && (
        <Button variant="quiet" onClick={onClear}>
          {t("clear")}
        </Button>
      )}
    </div>
  );
}
