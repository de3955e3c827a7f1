import { keySettings } from "@/entities/recipe/groups";

import { SettingField } from "./setting-field";
import type { TrainingForm } from "./use-training-form";

/** The few settings that matter. */
export function KeySettings({ form, told }: { form: TrainingForm; told: Readonly<Record<string, string>> }) {
  const settings = keySettings(form.settings);
  if (settings.length === 0) return null;
  return (
    <div className="grid grid-cols-2 gap-x-3 gap-y-1 sm:grid-cols-4 lg:max-xl:grid-cols-2">
      {settings.map((setting) => (
        <SettingField key={setting.name} form={form} setting={setting} told={told[setting.name]} brief />
      ))}
    </div>
  );
}
