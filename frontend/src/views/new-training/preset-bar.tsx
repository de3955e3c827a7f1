import { useTranslations } from "next-intl";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Segmented } from "@/components/ui/segmented";
import { hasFewRows, hasPresets, PRESETS } from "@/entities/recipe/presets";

import type { TrainingForm } from "./use-training-form";

/** Three good beginnings, and whether anything was changed since. */
export function PresetBar({ form }: { form: TrainingForm }) {
  const t = useTranslations("newTraining.presets");
  const { draft, changed } = form;
  const isOffered = hasPresets(draft.recipe);
  if (!isOffered && changed.size === 0) return null;
  return (
    <div className="grid gap-1">
      <div className="flex min-h-7 flex-wrap items-center gap-x-2.5 gap-y-1">
        {isOffered && (
          <Segmented
            label={t("label")}
            value={draft.preset}
            onChange={form.choosePreset}
            options={PRESETS.map((preset) => ({ value: preset, label: t(`${preset}.name`) }))}
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
      {isOffered && (
        <p className="text-xs text-pretty text-ink-3">
          {t(hasFewRows(draft.rows) ? "few" : `${draft.preset}.description`)}
        </p>
      )}
    </div>
  );
}
