import { ChevronRight, Search } from "lucide-react";
import { useTranslations } from "next-intl";
import { parseAsBoolean, useQueryState } from "nuqs";
import { useEffect, useEffectEvent, useId, useState } from "react";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { found, grouped, KEY_SETTINGS } from "@/entities/recipe/groups";
import { cn } from "@/lib/cn";

import { SettingField } from "./setting-field";
import type { TrainingForm } from "./use-training-form";

interface AllSettingsProps {
  form: TrainingForm;
  told: Readonly<Record<string, string>>;
  /** Grows whenever a start was refused: opens the fold if something in it is wrong. */
  opened: number;
}

/** Every other setting of the recipe, in a fold. */
export function AllSettings({ form, told, opened }: AllSettingsProps) {
  const t = useTranslations("newTraining.settings");
  const panel = useId();
  const [isOpen, setOpen] = useQueryState("all", parseAsBoolean.withDefault(false));
  const settings = form.settings.filter((setting) => !KEY_SETTINGS.includes(setting.name));
  const wrong = settings.filter(({ name }) => form.faults[name] ?? told[name]).length;
  const changed = settings.filter(({ name }) => form.changed.has(name)).length;
  const openIfWrong = useEffectEvent(() => {
    if (wrong > 0) void setOpen(true);
  });
  useEffect(() => {
    if (opened > 0) openIfWrong();
  }, [opened]);
  if (settings.length === 0) return null;
  return (
    <div>
      <div className="flex flex-wrap items-center gap-2">
        <Button
          variant="quiet"
          className="-ml-2 px-2 text-ai hover:text-ai-strong"
          aria-expanded={isOpen}
          aria-controls={isOpen ? panel : undefined}
          onClick={() => void setOpen(isOpen ? null : true)}
        >
          <ChevronRight aria-hidden className={cn("transition-transform", isOpen && "rotate-90")} />
          {t("all", { count: settings.length })}
        </Button>
        {wrong > 0 && <Badge tone="bad">{t("wrong", { count: wrong })}</Badge>}
        {changed > 0 && <Badge>{t("changed", { count: changed })}</Badge>}
      </div>
      {isOpen && (
        <div id={panel} className="mt-2">
          <Groups form={form} told={told} settings={settings} />
        </div>
      )}
    </div>
  );
}

function Groups({ form, told, settings }: Pick<AllSettingsProps, "form" | "told"> & { settings: TrainingForm["settings"] }) {
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
