"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";

import { Card } from "@/components/ui/card";
import { Checkbox } from "@/components/ui/checkbox";
import { Segmented } from "@/components/ui/segmented";
import { Switch } from "@/components/ui/switch";
import { Tabs } from "@/components/ui/tabs";

const PRESETS = ["quick", "balanced", "thorough"] as const;

export function ChoiceSpecimens() {
  const t = useTranslations("devUi.words");
  const [preset, setPreset] = useState<(typeof PRESETS)[number]>("balanced");
  return (
    <div className="grid gap-3 lg:grid-cols-2">
      <Card>
        <div className="flex flex-wrap gap-x-6 gap-y-3">
          <Switch label={t("evaluate")} defaultChecked />
          <Switch label={t("evaluate")} />
          <Switch label={t("disabled")} disabled />
          <Switch label={t("disabled")} disabled defaultChecked />
          <Checkbox label={t("remember")} defaultChecked />
          <Checkbox label={t("remember")} />
          <Checkbox label={t("all")} indeterminate />
          <Checkbox label={t("disabled")} disabled defaultChecked />
          <Segmented
            label={t("preset")}
            value={preset}
            onChange={setPreset}
            options={PRESETS.map((value) => ({ value, label: t(value) }))}
          />
        </div>
      </Card>
      <Card>
        <Tabs
          label={t("details")}
          tabs={[
            { value: "loss", label: t("loss"), panel: <p>{t("lossPanel")}</p> },
            { value: "log", label: t("log"), count: "1,204", panel: <p>{t("logPanel")}</p> },
            { value: "events", label: t("events"), disabled: true, panel: null },
          ]}
        />
      </Card>
    </div>
  );
}
