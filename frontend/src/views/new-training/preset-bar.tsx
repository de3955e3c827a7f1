import { useLocale, useTranslations } from "next-intl";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { ProblemState } from "@/components/ui/problem";
import { Segmented } from "@/components/ui/segmented";
import { presetNamed } from "@/entities/recipe/presets";

import type { TrainingForm } from "./use-training-form";

/** Good beginnings, and whether anything was changed since. */
export function PresetBar({ form }: { form: TrainingForm }) {
  const t = useTranslations("newTraining.presets");
  const locale = useLocale();
  const { draft, changed, presets } = form;
  const chosen = presetNamed(presets, draft.preset);
  if (form.presetsProblem) {
    return <ProblemState problem={form.presetsProblem} onRetry={form.askForPresets} retrying={form.isAskingForPresets} />;
  }
  if (!chosen && changed.size === 0) return null;
  return (
    <div className="grid gap-1">
      <div className="flex min-h-7 flex-wrap items-center gap-x-2.5 gap-y-1">
        {chosen && (
          <Segmented
            label={t("label")}
            value={chosen.name}
            onChange={form.choosePreset}
            options={presets.map(({ name, title }) => ({ value: name, label: title[locale] }))}
          />
        )}
        <span role="status" className="flex items-center gap-1.5">
          {changed.size > 0 && <Badge tone="ai">{t("changed", { count: changed.size })}</Badge>}
        </span>
        {changed.size > 0 && (
          <Button size="sm" variant="quiet" onClick={form.resetAll}>
            {t("reset")}
          </Button>
        )}
      </div>
      {chosen && <p className="text-xs text-pretty text-ink-3">{chosen.summary[locale]}</p>}
    </div>
  );
}
