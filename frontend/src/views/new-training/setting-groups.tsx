import { Search } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";

import { Input } from "@/components/ui/input";
import { found, grouped } from "@/entities/recipe/groups";

import { SettingField } from "./setting-field";
import type { TrainingForm } from "./use-training-form";

interface SettingGroupsProps {
  form: TrainingForm;
  told: Readonly<Record<string, string>>;
  settings: TrainingForm["settings"];
}

/** What is in the fold: settings by what they are about, and a search through them. */
export function SettingGroups({ form, told, settings }: SettingGroupsProps) {
  const t = useTranslations("newTraining.settings");
  const [sought, setSought] = useState("");
  const groups = grouped(found(settings, sought));
  return (
    <div className="grid gap-4">
      <Input
        type="search"
        aria-label={t("search")}
        placeholder={t("search")}
        before={<Search aria-hidden />}
        value={sought}
        onValueChange={setSought}
      />
      {groups.map(({ group, settings: members }) => (
        <section key={group}>
          <h3 className="mb-2 border-b pb-1 text-xs font-semibold text-ink-2">{t(`groups.${group}`)}</h3>
          <div className="grid gap-x-3 gap-y-3.5 sm:grid-cols-2">
            {members.map((setting) => (
              <SettingField key={setting.name} form={form} setting={setting} told={told[setting.name]} />
            ))}
          </div>
        </section>
      ))}
      {groups.length === 0 && <p className="py-2 text-ink-3">{t("nothing")}</p>}
    </div>
  );
}
