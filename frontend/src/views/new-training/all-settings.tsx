import { ChevronRight } from "lucide-react";
import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { parseAsBoolean, useQueryState } from "nuqs";
import { useEffect, useEffectEvent, useId } from "react";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { keySettings } from "@/entities/recipe/groups";
import { cn } from "@/lib/cn";

import type { TrainingForm } from "./use-training-form";

const SettingGroups = dynamic(() => import("./setting-groups").then((loaded) => loaded.SettingGroups));

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
  const inSight = new Set(keySettings(form.settings));
  const settings = form.settings.filter((setting) => !inSight.has(setting));
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
          <SettingGroups form={form} told={told} settings={settings} />
        </div>
      )}
    </div>
  );
}
